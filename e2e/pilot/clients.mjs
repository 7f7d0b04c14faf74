// The official clients, each with a user who answers what is asked: the TypeScript SDK of the earlier era, the TypeScript
// client of the current one, the Python client.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { Client as CurrentClient, StreamableHTTPClientTransport as CurrentHttp } from "@modelcontextprotocol/client";
import { StdioClientTransport as CurrentStdio } from "@modelcontextprotocol/client/stdio";
import { Client as EarlierClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as EarlierStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as EarlierHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const ME = { name: "pilot-e2e", version: "1.0.0" };

function opener(makeClient, onQuestion, Http, Stdio) {
  // `user` answers questions; without one the client cannot ask.
  const client = (user) => {
    const made = makeClient(user ? { capabilities: { elicitation: {} } } : {});
    if (user) onQuestion(made, async (request) => user(request.params));
    return made;
  };
  return {
    http: async ({ url, token }, user) => {
      const opened = client(user);
      await opened.connect(new Http(new URL(url), { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
      return opened;
    },
    stdio: async ({ command, args, env }, user) => {
      const opened = client(user);
      await opened.connect(new Stdio({ command, args, env, stderr: "inherit" }));
      return opened;
    },
  };
}

export const earlier = opener(
  (options) => new EarlierClient(ME, options),
  (client, answer) => client.setRequestHandler(ElicitRequestSchema, answer),
  EarlierHttp,
  EarlierStdio,
);
export const current = opener(
  (options) => new CurrentClient(ME, { ...options, versionNegotiation: { mode: "auto" } }),
  (client, answer) => client.setRequestHandler("elicitation/create", answer),
  CurrentHttp,
  CurrentStdio,
);

/** The Python client tells its story in a program of its own; what it printed. */
export function python(mode, answer, way) {
  const story = fileURLToPath(new URL("story.py", import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.env.TODO_E2E_PYTHON, [story, mode, answer, JSON.stringify(way)], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    let wrong = "";
    child.stdout.on("data", (data) => (said += data));
    child.stderr.on("data", (data) => (wrong += data));
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve(JSON.parse(said)) : reject(new Error(wrong.split("\n").slice(-12).join("\n")))));
  });
}
