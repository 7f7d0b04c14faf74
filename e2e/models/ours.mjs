// Our program with a model behind it, and people who talk to it.

import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

let people = 0;

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts the program with these variables; stops with `stop()`, says what it logged with `log()`. */
export async function ours(variables) {
  const folder = mkdtempSync(join(process.env.TODO_E2E_WORK, "todo-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = join(folder, "log");
  const out = openSync(log, "w");
  const environment = {
    PATH: process.env.PATH, HOME: folder, TODO_DATA_DIR: folder, PORT: String(port), METRICS_PORT: "0", BETTER_AUTH_URL: url,
    AUTH_RATE_LIMITS: "false", RATE_LIMIT_PER_MINUTE: "0", CHAT_RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: "debug", ...variables,
  };
  const child = spawn(process.env.TODO_E2E_BIN, ["serve"], { env: environment, stdio: ["ignore", out, out] });
  for (let tries = 0; ; tries++) {
    if (await fetch(`${url}/health/ready`).then((answer) => answer.ok, () => false)) break;
    if (tries > 200 || child.exitCode !== null) throw new Error(`the program did not start:\n${readFileSync(log, "utf8")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = () =>
    new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill("SIGTERM");
    });
  return { url, environment, stop, log: () => readFileSync(log, "utf8") };
}

/** A new account. */
export async function person({ url }) {
  const email = `person${++people}@example.com`;
  const answer = await fetch(`${url}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ name: "P", email, password: "correct horse battery" }),
  });
  const { token } = await answer.json();
  const call = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    token,
    add: async (task) => (await call("POST", "/api/tasks", task)).json(),
    tasks: async () => (await (await call("GET", "/api/tasks?status=all&limit=100")).json()).tasks,
    say: async (message, conversation) => (await call("POST", "/api/chat", { message, conversation_id: conversation })).json(),
    messages: async (conversation) => (await (await call("GET", `/api/conversations/${conversation}/messages`)).json()).messages,
    stop: async (run) => (await call("POST", `/api/chat/runs/${run}/stop`)).json(),
    /** The events of an answer as they arrive: `[{name, data, at}]`; `on` sees each at once. */
    stream: async (message, on = () => {}, signal = undefined) => {
      const response = await fetch(`${url}/api/chat`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify({ message }),
        signal,
      });
      const events = [];
      let text = "";
      const decoder = new TextDecoder();
      for await (const bytes of response.body) {
        text += decoder.decode(bytes, { stream: true });
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const lines = text.slice(0, end).split("\n");
          text = text.slice(end + 2);
          const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
          if (!field("data")) continue;
          const event = { name: field("event"), data: JSON.parse(field("data")), at: performance.now() };
          events.push(event);
          on(event);
        }
      }
      return events;
    },
  };
}
