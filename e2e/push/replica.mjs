// A replica of the program, and an account on it.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";

const program = process.env.TODO_E2E_BIN;

/** Keys as `todo keygen` prints them. */
export function keygen() {
  const text = execFileSync(program, ["keygen"], { encoding: "utf8" });
  const keys = Object.fromEntries(text.trim().split("\n").map((line) => line.split("=")));
  assert.match(keys.VAPID_PUBLIC_KEY, /^B[\w-]{86}$/);
  assert.match(keys.VAPID_PRIVATE_KEY, /^[\w-]{43}$/);
  return keys;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** All that were started. */
const replicas = [];

/** Ends those that a failed case has left. */
export const stopAll = () => replicas.forEach(({ child }) => child.kill("SIGKILL"));

export class Replica {
  static async start(database, keys, more = {}) {
    const replica = new Replica();
    const port = await freePort();
    const metrics = await freePort();
    const home = mkdtempSync(`${process.env.TODO_E2E_WORK}/home-`);
    // As an installation has it that is older than web push: without keys of its own.
    writeFileSync(`${home}/secrets.env`, "BETTER_AUTH_SECRET=a secret that all replicas have in common\n");
    const env = {
      PATH: process.env.PATH,
      TODO_DATA_DIR: home,
      DATABASE_URL: database,
      PORT: String(port),
      METRICS_PORT: String(metrics),
      LOG_LEVEL: "error",
      VAPID_SUBJECT: "mailto:operator@example.org",
      PUSH_ANYWHERE: "true",
      AUTH_RATE_LIMITS: "false",
      RATE_LIMIT_PER_MINUTE: "0",
      ...keys,
      ...more,
    };
    replica.child = spawn(program, ["serve"], { env, stdio: ["ignore", "inherit", "inherit"] });
    replica.ended = new Promise((resolve) => replica.child.once("exit", resolve));
    replicas.push(replica);
    replica.url = `http://localhost:${port}`;
    replica.metrics = `http://127.0.0.1:${metrics}/metrics`;
    for (let tries = 0; ; tries++) {
      if (await fetch(`${replica.url}/health/ready`).then((answer) => answer.ok, () => false)) return replica;
      if (tries > 600 || replica.child.exitCode !== null) throw new Error("the program did not start");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends it, by the signal; -9 leaves it no time for anything. */
  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    await this.ended;
  }

  /** The counter of deliveries with that outcome. */
  async count(outcome) {
    const text = await (await fetch(this.metrics)).text();
    const line = text.split("\n").find((line) => line.startsWith(`push_deliveries_total{outcome="${outcome}"}`));
    return Number(line?.split(" ").at(-1));
  }
}

let accounts = 0;

export class Account {
  static async make(replica) {
    const account = new Account();
    account.replica = replica;
    const body = { name: "Ana", email: `push${++accounts}-${Date.now()}@example.org`, password: "a sentence works well" };
    account.token = (await account.call("POST", "/api/auth/sign-up/email", body, 200)).token;
    return account;
  }

  async call(method, path, body, status) {
    const headers = { "content-type": "application/json", origin: this.replica.url, ...(this.token && { authorization: `Bearer ${this.token}` }) };
    const answer = await fetch(this.replica.url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    assert.equal(answer.status, status, `${method} ${path}: ${text}`);
    return text && JSON.parse(text);
  }

  subscribe(subscription) {
    return this.call("POST", "/api/push/subscribe", subscription.toJSON(), 201);
  }

  /** A task that reminds so many seconds from now. */
  task(title, seconds) {
    const at = new Date(Date.now() + seconds * 1000).toISOString();
    return this.call("POST", "/api/tasks", { title, due_date: at, reminders: [at] }, 201);
  }
}
