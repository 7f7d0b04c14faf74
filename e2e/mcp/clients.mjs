// The official clients: the TypeScript SDK of the earlier era, the TypeScript client of the current one, the Python client.

import { spawn } from "node:child_process";
import { Client as CurrentClient, StreamableHTTPClientTransport as CurrentHttp } from "@modelcontextprotocol/client";
import { StdioClientTransport as CurrentStdio } from "@modelcontextprotocol/client/stdio";
import { Client as EarlierClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as EarlierStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as EarlierHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const ME = { name: "todo-e2e", version: "1.0.0" };

function opener(makeClient, Http, Stdio) {
  return {
    http: async (url, token) => {
      const client = makeClient();
      const headers = { authorization: `Bearer ${token}` };
      await client.connect(new Http(new URL(url), { requestInit: { headers } }));
      return client;
    },
    // `ended()` is the exit code of the program once the client has closed its input.
    stdio: async (command, args, env) => {
      const client = makeClient();
      const transport = new Stdio({ command, args, env, stderr: "inherit" });
      await client.connect(transport);
      const child = transport._process;
      const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
      return { client, ended: () => exited };
    },
  };
}

export const earlier = opener(() => new EarlierClient(ME), EarlierHttp, EarlierStdio);
export const current = opener(
  () => new CurrentClient(ME, { versionNegotiation: { mode: "auto" } }),
  CurrentHttp,
  CurrentStdio,
);

// The Python client tells its story in a program of its own.
export function python(mode, way) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.env.TODO_E2E_PYTHON, ["story.py", mode, JSON.stringify(way)], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(said.split("\n").filter((line) => /Error/.test(line)).slice(-5).join("\n")))));
  });
}
