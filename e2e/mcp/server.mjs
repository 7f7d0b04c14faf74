// Our server as a program of its own, on a fresh SQLite file.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const program = process.env.TODO_E2E_BIN;
const work = process.env.TODO_E2E_WORK;

export function freePort() {
  return new Promise((resolve, reject) => {
    const socket = createServer();
    socket.once("error", reject);
    socket.listen(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

// The environment of an installation of its own.
export function installation(name) {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  return { PATH: process.env.PATH, TODO_DATA_DIR: folder, TODO_CLOCK: "2026-11-18T10:00[Europe/Paris]" };
}

export async function serve(name, binary = program) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const log = join(work, `${name}.log`);
  const env = {
    ...installation(name),
    HOST: "127.0.0.1",
    PORT: String(port),
    METRICS_PORT: "0",
    LOG_FORMAT: "json",
    LOG_LEVEL: "warn",
    RATE_LIMIT_PER_MINUTE: "0",
    // The all-in-one program makes its own; the server with the fixtures does not.
    ...(binary === program ? {} : { DATABASE_URL: `sqlite:${join(work, name, "todo.db")}`, BETTER_AUTH_SECRET: "a-secret-of-at-least-thirty-two-characters" }),
  };
  const child = spawn(binary, ["serve"], { env, stdio: ["ignore", openSync(log, "a"), openSync(log, "a")] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  for (let tries = 0; ; tries += 1) {
    const ready = await fetch(`${base}/health/ready`).then((answer) => answer.ok, () => false);
    if (ready) break;
    if (tries > 200 || child.exitCode !== null) throw new Error(`the server did not start:\n${readFileSync(log, "utf8")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    base,
    log: () => readFileSync(log, "utf8"),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function post(url, body, headers = {}) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

// A new account: its session, and how it gets a token for MCP.
export async function account(base, name) {
  const person = { name, email: `${name}@example.com`, password: `correct horse battery ${name}` };
  const { token: session } = await post(`${base}/api/auth/sign-up/email`, person, { origin: base });
  return { session, makeToken: async () => (await post(`${base}/api/tokens`, { name: "mcp", scopes: ["mcp"] }, { authorization: `Bearer ${session}` })).token };
}
