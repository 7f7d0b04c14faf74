// Finds the tests, gives each a fresh person in a fresh browser context, and counts.
import { spawn } from "node:child_process";
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

async function startProgram() {
  const folder = await mkdtemp(join(tmpdir(), "todo-browser-"));
  const port = await freePort();
  const env = { ...process.env, TODO_DATA_DIR: folder, PORT: String(port), AUTH_RATE_LIMITS: "false", RATE_LIMIT_PER_MINUTE: "0", CHAT_RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: "warn" };
  const child = spawn(process.env.TODO_BIN, ["serve"], { env, stdio: ["ignore", "inherit", "inherit"] });
  const url = `http://localhost:${port}`;
  for (let tries = 0; ; tries++) {
    if (await fetch(`${url}/health/ready`).then((answer) => answer.ok, () => false)) break;
    if (tries > 200 || child.exitCode !== null) throw new Error("the program did not start");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async () => {
    child.kill("SIGINT");
    await new Promise((resolve) => child.once("exit", resolve));
    await rm(folder, { recursive: true, force: true });
  };
  return { url, stop };
}

const program = process.env.TODO_URL ? { url: process.env.TODO_URL, stop: async () => {} } : await startProgram();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS.split(" ") });
let passed = 0;
let failed = 0;
try {
  const files = (await readdir(new URL("tests/", import.meta.url))).filter((name) => name.endsWith(".mjs")).sort();
  for (const file of files) {
    const { default: tests } = await import(`./tests/${file}`);
    for (const [name, test] of Object.entries(tests)) {
      const title = `${file.replace(".mjs", "")}: ${name}`;
      if (process.env.ONLY && !title.includes(process.env.ONLY)) continue;
      const started = Date.now();
      try {
        await test({ browser, url: program.url });
        passed++;
        console.log(`ok    ${title} (${Date.now() - started} ms)`);
      } catch (error) {
        failed++;
        console.log(`FAIL  ${title}\n${String(error?.stack ?? error).replace(/^/gm, "      ")}`);
      }
    }
  }
} finally {
  await browser.close();
  await program.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
