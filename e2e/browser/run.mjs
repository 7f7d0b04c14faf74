// Finds the tests, gives each a fresh person in a fresh browser context, and counts.
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

const FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** A port that is free now. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** No test is about limits that its haste would meet. */
const UNLIMITED = { AUTH_RATE_LIMITS: "false", RATE_LIMIT_PER_MINUTE: "0", CHAT_RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: "warn" };

/** Starts one of our programs on a free port and waits until it is ready. */
async function start(name, command, more) {
  const port = await freePort();
  const env = { ...process.env, ...UNLIMITED, PORT: String(port), METRICS_PORT: "0", SHUTDOWN_DELAY: "0s", ...more };
  const child = spawn(join(process.env.TODO_BIN_DIR, name), command, { env, stdio: ["ignore", "inherit", "inherit"] });
  const url = `http://localhost:${port}`;
  for (let tries = 0; ; tries++) {
    if (await fetch(`${url}/health/ready`).then((answer) => answer.ok, () => false)) break;
    if (tries > 600 || child.exitCode !== null) throw new Error(`${name} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async () => {
    child.kill("SIGINT");
    if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
  };
  return { url, stop };
}

/** The all-in-one program on SQLite. */
async function allInOne() {
  const folder = await mkdtemp(join(tmpdir(), "todo-browser-"));
  const program = await start("todo", ["serve"], { TODO_DATA_DIR: folder });
  const stop = async () => {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: program.url, stop };
}

/** Frontend and backend with PostgreSQL. */
async function services() {
  const database = { DATABASE_URL: process.env.TODO_POSTGRES, BETTER_AUTH_SECRET: "a secret that is long enough for any test of ours" };
  const migrate = spawnSync(join(process.env.TODO_BIN_DIR, "todo-backend"), ["migrate"], { env: { ...process.env, ...database } });
  if (migrate.status !== 0) throw new Error(`migrate: ${migrate.stderr}`);
  const backend = await start("todo-backend", [], { ...database, HOST: "127.0.0.1" });
  const frontend = await start("todo-frontend", [], { BACKEND_URL: backend.url, HOST: "127.0.0.1" });
  const stop = async () => {
    await frontend.stop();
    await backend.stop();
  };
  return { url: frontend.url, stop };
}

/** What is tested, and which of the tests. */
const INSTALLATIONS = process.env.TODO_URL
  ? [{ name: "", tests: /./, begin: async () => ({ url: process.env.TODO_URL, stop: async () => {} }) }]
  : [
      { name: "", tests: /./, begin: allInOne },
      { name: "services, ", tests: /^journey: the whole journey/, begin: services },
    ];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS.split(" ") });
let passed = 0;
let failed = 0;

async function run(file, world, installation) {
  const { default: tests } = await import(`./tests/${file}`);
  for (const [name, test] of Object.entries(tests)) {
    const plain = `${file.replace(".mjs", "")}: ${name}`;
    const title = installation.name + plain;
    if (!installation.tests.test(plain) || (process.env.ONLY && !title.includes(process.env.ONLY))) continue;
    const started = Date.now();
    try {
      await test(world);
      passed++;
      console.log(`ok    ${title} (${Date.now() - started} ms)`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${title}\n${String(error?.stack ?? error).replace(/^/gm, "      ")}`);
    }
  }
}

try {
  const files = (await readdir(new URL("tests/", import.meta.url))).filter((name) => name.endsWith(".mjs")).sort();
  for (const installation of INSTALLATIONS) {
    const program = await installation.begin();
    try {
      for (const file of files) await run(file, { browser, url: program.url }, installation);
    } finally {
      await program.stop();
    }
  }
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
