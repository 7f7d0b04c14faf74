// The two servers: ours as a program of its own, and a genuine Better Auth in this process.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createServer as createSocket } from "node:net";
import { openSync, readFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { bearer, jwt } from "better-auth/plugins";
import pg from "pg";

export const SECRET = "a-secret-of-at-least-thirty-two-characters";
const work = process.env.TODO_E2E_WORK;
const program = process.env.TODO_E2E_BIN;

export function freePort() {
  return new Promise((resolve, reject) => {
    const socket = createSocket();
    socket.once("error", reject);
    socket.listen(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

// Ours. `mail(address)` is the latest link for that address, which the operator finds in the log while SMTP is not configured.
export async function ours(name, databaseUrl, port) {
  const base = `http://127.0.0.1:${port}`;
  const log = join(work, `${name}.log`);
  mkdirSync(join(work, name), { recursive: true });
  const env = {
    PATH: process.env.PATH,
    TODO_DATA_DIR: join(work, name),
    DATABASE_URL: databaseUrl,
    HOST: "127.0.0.1",
    PORT: String(port),
    METRICS_PORT: "0",
    LOG_FORMAT: "json",
    BETTER_AUTH_SECRET: SECRET,
    BETTER_AUTH_URL: base,
    AUTH_RATE_LIMITS: "off",
  };
  await finished(spawn(program, ["migrate"], { env, stdio: ["ignore", openSync(log, "a"), openSync(log, "a")] }), log);
  const child = spawn(program, ["serve"], { env, stdio: ["ignore", openSync(log, "a"), openSync(log, "a")] });
  await ready(`${base}/health/ready`, log);
  return {
    name,
    base,
    mail: (address) => {
      const lines = readFileSync(log, "utf8").split("\n").filter((line) => line.includes(`"${address}"`));
      const links = lines.map((line) => /https?:[^"\s]*\/api\/auth\/[^"\s\\]+/.exec(line)?.[0]).filter(Boolean);
      return links.at(-1);
    },
    stop: async () => {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
    },
  };
}

// A genuine Better Auth server on PostgreSQL, with the plugins whose surface we have.
export async function genuine(databaseUrl, port) {
  const base = `http://127.0.0.1:${port}`;
  const letters = new Map();
  const pool = new pg.Pool({ connectionString: databaseUrl.replace("?sslmode=disable", "") });
  const options = {
    database: pool,
    secret: SECRET,
    baseURL: base,
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
    emailAndPassword: {
      enabled: true,
      sendResetPassword: async ({ user, url }) => void letters.set(user.email, url),
    },
    emailVerification: { sendVerificationEmail: async ({ user, url }) => void letters.set(user.email, url) },
    user: { deleteUser: { enabled: true }, changeEmail: { enabled: true } },
    plugins: [bearer(), jwt()],
  };
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const server = createServer(toNodeHandler(betterAuth(options)));
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    name: "genuine",
    base,
    mail: (address) => letters.get(address),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pool.end();
    },
  };
}

export async function sql(databaseUrl, text, values) {
  const client = new pg.Client({ connectionString: databaseUrl.replace("?sslmode=disable", "") });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

function finished(child, log) {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(readFileSync(log, "utf8")))));
  });
}

async function ready(url, log) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not ready: ${readFileSync(log, "utf8")}`);
}
