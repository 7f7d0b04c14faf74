// Clusters: the API server of our tests as a program, and the program under test in front of it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const work = process.env.TODO_E2E_WORK;
export const program = process.env.TODO_E2E_PILOT_BIN;

/** A file of this content. */
export function file(name, content) {
  const path = join(mkdtempSync(join(work, "file-")), name);
  writeFileSync(path, content);
  return path;
}

/** A cluster in which a case happens; `more` are manifests that are there, too. */
export async function cluster(name, more = "") {
  const args = more ? [name, file("more.yaml", more)] : [name];
  const child = spawn(process.env.TODO_E2E_PILOT_API, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  const { url, kubeconfig } = await next();
  const ask = (what) => {
    child.stdin.write(`${what}\n`);
    return next();
  };
  const home = mkdtempSync(join(work, "home-"));
  return {
    home,
    url,
    kubeconfig,
    environment: { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig },
    asked: () => ask("asked"),
    writes: () => ask("writes"),
    replicas: async () => (await (await fetch(`${url}/apis/apps/v1/namespaces/todo/deployments/backend`)).json()).spec.replicas,
    stop: () => child.stdin.end(),
  };
}

/** Runs the program to its end. */
export async function pilot(args, environment = {}, input = "") {
  const base = { PATH: process.env.PATH, HOME: join(work, "nowhere"), KUBECONFIG: join(work, "nowhere", "config") };
  const child = spawn(program, args, { env: { ...base, ...environment }, stdio: ["pipe", "pipe", "pipe"] });
  const out = [];
  const err = [];
  child.stdout.on("data", (bytes) => out.push(bytes));
  child.stderr.on("data", (bytes) => err.push(bytes));
  // The program may end before it has read everything.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code, signal] = await once(child, "close");
  return { code: signal ?? code, text: Buffer.concat(out).toString(), errors: Buffer.concat(err).toString() };
}
