// MCP: what every client may do, and what it takes to change something.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createInterface } from "node:readline";

import { check } from "../checks.mjs";
import { current, earlier, python } from "./clients.mjs";
import { cluster, pilot, program } from "./cluster.mjs";

const TOKEN = "0123456789abcdef0123456789abcdef";
const QUICK = ["--settle", "1s", "--wait", "5s", "mcp"];
const scale = (to) => ({ changes: [{ action: "scale", target: { name: "backend" }, replicas: { to } }] });
const yes = () => ({ action: "accept", content: { apply: true } });
const no = () => ({ action: "decline" });

/** A server over HTTP in front of a cluster; `stop()` gives its exit code. */
async function serving(where, flags = []) {
  const env = { ...where.environment, PILOT_MCP_TOKEN: TOKEN };
  const child = spawn(program, [...QUICK, "--http", "127.0.0.1:0", ...flags], { env, stdio: ["ignore", "ignore", "pipe"] });
  const { value } = await createInterface({ input: child.stderr })[Symbol.asyncIterator]().next();
  const url = /http:\S+/.exec(value)[0];
  return {
    url,
    token: TOKEN,
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      return code;
    },
  };
}

const over = (where, flags = []) => ({ command: program, args: [...QUICK, ...flags], env: where.environment });
const call = (client, name, args) => client.callTool({ name, arguments: args });
const text = (result) => result.content.map((part) => part.text).join("\n");

async function withCluster(name, body) {
  const where = await cluster(name);
  try {
    await body(where);
  } finally {
    where.stop();
  }
}

/** Plans and applies; the result, and the questions that the user was asked. */
async function applied(client, questions, to) {
  const plan = (await call(client, "plan_change", scale(to))).structuredContent.plan;
  const result = await call(client, "apply_plan", { plan });
  return { plan, result, questions };
}

const ways = [
  ["TypeScript sdk, standard input", (where, flags, user) => earlier.stdio(over(where, flags), user)],
  ["TypeScript client, standard input", (where, flags, user) => current.stdio(over(where, flags), user)],
  ["TypeScript sdk, HTTP", async (where, flags, user) => earlier.http(await served(where, flags), user)],
  ["TypeScript client, HTTP", async (where, flags, user) => current.http(await served(where, flags), user)],
];
const servers = [];
async function served(where, flags) {
  const server = await serving(where, flags);
  servers.push(server);
  return server;
}

export async function mcp() {
  for (const [name, open] of ways) {
    await check(`${name}: reads, and nothing else by default`, () =>
      withCluster("image", async (where) => {
        const client = await open(where, [], yes);
        const { tools } = await client.listTools();
        assert.ok(tools.length > 20 && tools.every((tool) => tool.annotations.readOnlyHint === true));
        assert.ok(!tools.some((tool) => tool.name === "apply_plan"));
        const found = await call(client, "diagnose", { target: { name: "backend" } });
        assert.equal(found.structuredContent.untrusted, true);
        assert.match(text(found), /HLT-\d{3}/);
        const planned = await call(client, "plan_change", { changes: [{ action: "fix" }] });
        assert.match(text(planned), /registry\.example\/backend:1\.4\.0/);
        const refused = await call(client, "apply_plan", { plan: planned.structuredContent.plan }).then(() => null, (error) => error);
        assert.equal(refused?.code, -32602);
        assert.deepEqual(await where.writes(), []);
        await client.close();
      }));
    await check(`${name}: a change after the user's yes to the plan that was shown`, () =>
      withCluster("healthy", async (where) => {
        const questions = [];
        const client = await open(where, ["--allow-writes"], (question) => (questions.push(question), yes()));
        const { plan, result } = await applied(client, questions, 3);
        assert.ok(!result.isError, text(result));
        assert.equal(result.structuredContent.result.well, true);
        assert.equal(questions.length, 1);
        assert.ok(questions[0].message.includes("+  replicas: 3") && questions[0].message.includes(plan.slice(0, 12)));
        assert.equal(await where.replicas(), 3);
        const log = await pilot(["audit", "-o", "json"], where.environment);
        assert.match(log.text, /yes through pilot-e2e/);
        await client.close();
      }));
    await check(`${name}: a no, a yes without a tick, and no way to ask change nothing`, () =>
      withCluster("healthy", async (where) => {
        for (const user of [no, () => ({ action: "accept", content: { apply: false } }), undefined]) {
          const client = await open(where, ["--allow-writes"], user);
          const { result } = await applied(client, [], 3);
          assert.ok(result.isError && /nothing was changed/.test(text(result)), text(result));
          await client.close();
        }
        assert.deepEqual(await where.writes(), []);
        assert.equal(await where.replicas(), 1);
      }));
    await check(`${name}: what is destructive needs the name`, () =>
      withCluster("healthy", async (where) => {
        let answer = yes();
        const client = await open(where, ["--allow-writes"], () => answer);
        assert.match(text((await applied(client, [], 0)).result), /name must be typed/);
        assert.deepEqual(await where.writes(), []);
        answer = { action: "accept", content: { apply: true, name: "backend" } };
        await applied(client, [], 0);
        assert.equal(await where.replicas(), 0);
        await client.close();
      }));
  }
  for (const mode of ["auto", "legacy"]) {
    for (const [way, open] of [["standard input", over], ["HTTP", served]]) {
      await check(`Python, ${way}, ${mode}: yes, no and no way to ask`, async () => {
        for (const answer of ["accept", "decline", "unable"]) {
          await withCluster("healthy", async (where) => {
            const told = await python(mode, answer, await open(where, ["--allow-writes"]));
            assert.equal(told.error, answer !== "accept", told.text);
            assert.equal(told.questions.length, answer === "unable" ? 0 : 1);
            assert.equal(await where.replicas(), answer === "accept" ? 3 : 1);
          });
        }
      });
    }
  }
  await doors();
  await check("servers over HTTP end when they are told to", async () => {
    const codes = await Promise.all(servers.map((server) => server.stop()));
    assert.deepEqual([...new Set(codes)], [0]);
  });
}

/** One HTTP request with headers of one's own; `fetch` does not let us choose Host and Origin. */
function post(url, headers) {
  const { hostname, port, pathname } = new URL(url);
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, path: pathname, method: "POST", headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers } },
      (answer) => {
        let text = "";
        answer.on("data", (data) => (text += data));
        answer.on("end", () => resolve({ status: answer.statusCode, text, headers: answer.headers }));
      },
    );
    sent.once("error", reject);
    sent.end(body);
  });
}

async function doors() {
  await check("HTTP without a token does not start, and says how", async () => {
    for (const [token, said] of [["", /export PILOT_MCP_TOKEN=/], ["short", /too short/]]) {
      const answer = await pilot(["mcp", "--http"], { PILOT_MCP_TOKEN: token });
      assert.equal(answer.code, 2);
      assert.match(answer.errors, said);
      assert.equal(answer.errors.trim().split("\n").length, 1);
    }
  });
  await check("HTTP is served on loopback only", async () => {
    const answer = await pilot(["mcp", "--http", "0.0.0.0:0"], { PILOT_MCP_TOKEN: TOKEN });
    assert.equal(answer.code, 2);
    assert.match(answer.errors, /127\.0\.0\.1/);
  });
  await check("HTTP turns away strangers: token, host, origin", () =>
    withCluster("healthy", async (where) => {
      const server = await serving(where);
      const bearer = { authorization: `Bearer ${TOKEN}` };
      for (const headers of [{}, { authorization: "Bearer x" }, { authorization: `Bearer ${TOKEN}0` }, { authorization: `Basic ${TOKEN}` }]) {
        const answer = await post(server.url, headers);
        assert.equal(answer.status, 401);
        assert.equal(answer.headers["www-authenticate"], "Bearer");
        assert.match(answer.text, /PILOT_MCP_TOKEN/);
      }
      assert.equal((await post(server.url, { ...bearer, host: "evil.example" })).status, 403);
      for (const origin of ["http://evil.example", "null", "http://localhost:1"]) {
        assert.equal((await post(server.url, { ...bearer, origin })).status, 403, origin);
      }
      assert.ok((await post(server.url, bearer)).status < 500);
      assert.equal(await server.stop(), 0);
    }));
}
