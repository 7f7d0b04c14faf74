// Bad input and bad surroundings: a clear line, the right exit code.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";

import { check } from "../checks.mjs";
import { cluster, file, pilot } from "./cluster.mjs";

const config = (server) => `apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: '${server}'}}]
users: [{name: u, user: {token: expired-token-of-somebody}}]
`;

/** The one line that a failure is. */
function refused(answer, code, ...parts) {
  assert.equal(answer.code, code, answer.errors);
  assert.match(answer.errors, /^error: /);
  for (const part of parts) assert.ok(answer.errors.includes(part), `${part} is not in: ${answer.errors}`);
  assert.ok(!/panicked|RUST_BACKTRACE/.test(answer.errors), answer.errors);
}

export async function input() {
  await check("no cluster: exit code 3", async () => {
    refused(await pilot(["analyze", "cluster"]), 3, "KUBECONFIG");
    refused(await pilot(["show pods in todo"]), 3, "KUBECONFIG");
    const closed = file("config", config("http://127.0.0.1:1"));
    refused(await pilot(["get", "pods"], { KUBECONFIG: closed }), 3, "127.0.0.1:1");
  });
  await check("expired credentials: exit code 3, and the token is not repeated", async () => {
    const status = { kind: "Status", apiVersion: "v1", status: "Failure", message: "Unauthorized", reason: "Unauthorized", code: 401 };
    const server = createServer((_, answer) => {
      answer.writeHead(401, { "content-type": "application/json" });
      answer.end(JSON.stringify(status));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const env = { KUBECONFIG: file("config", config(`http://127.0.0.1:${server.address().port}`)) };
    for (const args of [["analyze", "cluster"], ["get", "pods"], ["scale", "backend", "--replicas", "2", "--yes"]]) {
      const answer = await pilot(args, env);
      refused(answer, 3, "credentials");
      assert.ok(!answer.errors.includes("expired-token"), answer.errors);
    }
    server.close();
  });
  await check("broken YAML: file, line and field, exit code 2", async () => {
    const syntax = file("syntax.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a\nspec: ]\n");
    refused(await pilot(["analyze", "cluster", "-f", syntax]), 2, syntax);
    assert.match((await pilot(["analyze", "cluster", "-f", syntax])).errors, /syntax\.yaml:[34]/);
    const field = file("field.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  replicas: many\n");
    refused(await pilot(["analyze", "cluster", "-f", field]), 2, `${field}:6`, "spec.replicas");
  });
  await check("a log of 50 MB is read in bounded memory", async () => {
    const noise = "2026-01-15T11:00:00Z GET /api/tasks 200 in 3 ms, all is well with this request and the next\n".repeat(20);
    const line = "2026-01-15T11:00:00Z dial tcp 10.0.0.7:5432: connect: connection refused\n";
    const times = Math.ceil((50 * 2 ** 20) / (noise.length + line.length));
    const log = file("long.log", (noise + line).repeat(times));
    const answer = await pilot(["logs", "--errors", "-o", "json", "--file", log]);
    assert.equal(answer.code, 0, answer.errors);
    const { says } = JSON.parse(answer.text);
    assert.equal(says.groups.length, 1);
    assert.equal(says.groups[0].count, times);
  });
  await check("control characters and escapes never reach a terminal", async () => {
    const hostile = "\\u001b]0;owned\\u0007\\u001b[2J\\u202e";
    const manifest = file("hostile.yaml", `apiVersion: v1\nkind: Pod\nmetadata: {name: "${hostile}", namespace: todo}\nspec: {containers: [{name: "${hostile}", image: "${hostile}"}]}\n`);
    const event = `apiVersion: v1\nkind: Event\nmetadata: {name: e, namespace: todo}\ntype: Warning\nreason: Failed\nmessage: "${hostile}x"\ncount: 1\nlastTimestamp: '2026-01-15T11:59:00Z'\ninvolvedObject: {kind: Pod, namespace: todo, name: a}\n`;
    const where = await cluster("healthy", event);
    const answers = [await pilot(["events"], where.environment), await pilot([`restart bakc\u001b[31mend now`], where.environment)];
    for (const format of ["table", "json", "html", "markdown", "sarif"]) answers.push(await pilot(["analyze", "cluster", "-f", manifest, "-o", format]));
    for (const { text, errors } of answers) {
      assert.ok(text.length + errors.length > 20);
      assert.ok(!/[\u0000-\u0008\u000b-\u001f\u007f\u202e]/.test(text + errors), JSON.stringify(text + errors).slice(0, 500));
    }
    where.stop();
  });
  await check("wrong arguments: exit code 2", async () => {
    for (const args of [["analyse"], ["get", "thingamajigs"], ["analyze", "cluster", "-o", "pdf"], ["mcp", "--http", "somewhere"], ["mcp", "--allow-writes", "--mode", "read-only"]]) {
      const answer = await pilot(args);
      assert.ok(answer.code === 2 && answer.errors.length > 0, `${args}: ${answer.code}`);
    }
  });
}
