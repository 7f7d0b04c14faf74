// Runs everything and counts. See `run`.

import { check, finish } from "../checks.mjs";
import { flows } from "./flows.mjs";
import { freePort, genuine, ours, sql } from "./servers.mjs";
import { takeover } from "./takeover.mjs";

const postgres = process.env.TODO_E2E_POSTGRES;

async function drive(server) {
  try {
    for (const [name, run] of flows(server)) await check(name, run);
  } finally {
    await server.stop();
  }
}

// A fresh database on the private server.
async function database() {
  const admin = new URL(postgres);
  admin.username = "todo";
  admin.pathname = "/postgres";
  const name = `t${Math.random().toString(36).slice(2)}`;
  await sql(admin.href, `CREATE DATABASE ${name} OWNER app`);
  const url = new URL(postgres);
  url.pathname = `/${name}`;
  return url.href;
}

await drive(await genuine(await database(), await freePort()));
await drive(await ours("sqlite", `sqlite:${process.env.TODO_E2E_WORK}/todo.db`, await freePort()));
await drive(await ours("postgres", await database(), await freePort()));
await takeover(await database(), check);

finish();
