// The official conformance runner against `/mcp`: against the product every scenario that needs no fixture, against the product with
// the runner's fixtures (an example of the server crate, behind the same door) the others. Only what belongs to extensions that are
// not offered (tasks, skills) is left out.

import { spawn } from "node:child_process";
import { bearerProxy } from "./bearer_proxy.mjs";
import { ok } from "../checks.mjs";

// Against the product.
const PRODUCT = [
  "server-initialize",
  "server-session-lifecycle",
  "server-sse-multiple-streams",
  "logging-set-level",
  "ping",
  "tools-list",
  "resources-list",
  "prompts-list",
  "dns-rebinding-protection",
  "caching",
  "http-header-validation",
  "sep-2164-resource-not-found",
  "input-required-result-missing-input-response",
  "input-required-result-unsupported-methods",
  "input-required-result-ignore-extra-params",
  "input-required-result-validate-input",
];

// Against the product with fixtures.
const FIXTURE = [
  "server-stateless",
  "completion-complete",
  "tools-call-sampling",
  "tools-call-elicitation",
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
  "server-sse-polling",
  "resources-subscribe",
  "resources-unsubscribe",
  "tools-call-simple-text",
  "tools-call-image",
  "tools-call-audio",
  "tools-call-embedded-resource",
  "tools-call-mixed-content",
  "tools-call-with-logging",
  "tools-call-error",
  "tools-call-with-progress",
  "json-schema-2020-12",
  "resources-read-text",
  "resources-read-binary",
  "resources-templates-read",
  "prompts-get-simple",
  "prompts-get-with-args",
  "prompts-get-embedded-resource",
  "prompts-get-with-image",
  "http-custom-header-server-validation",
  "input-required-result-basic-elicitation",
  "input-required-result-basic-sampling",
  "input-required-result-basic-list-roots",
  "input-required-result-request-state",
  "input-required-result-multiple-input-requests",
  "input-required-result-multi-round",
  "input-required-result-non-tool-request",
  "input-required-result-result-type",
  "input-required-result-tampered-state",
  "input-required-result-capability-check",
];

const RUNNERS = {
  current: "node_modules/@modelcontextprotocol/conformance/dist/index.js",
  stable: "node_modules/conformance-stable/dist/index.js",
};
// Scenarios that the stable runner has too, without fixtures and with.
const STABLE = [
  "server-initialize",
  "logging-set-level",
  "ping",
  "tools-list",
  "server-sse-multiple-streams",
  "resources-list",
  "prompts-list",
  "dns-rebinding-protection",
];
const STABLE_FIXTURE = [
  "tools-call-sampling",
  "tools-call-elicitation",
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
  "server-sse-polling",
  "resources-subscribe",
  "resources-unsubscribe",
];

function scenario(runner, url, name) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [runner, "server", "--url", url, "--scenario", name], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    child.once("error", reject);
    child.once("exit", (code) => resolve({ code, said }));
  });
}

async function all(what, runs, base, token, check) {
  const proxy = await bearerProxy(base, token);
  // A runner spends most of its time starting: two at once, told in order.
  const started = new Map();
  for (const [at, [which, name]] of runs.entries()) {
    for (const [later, run] of runs.slice(at, at + 2).entries()) {
      if (!started.has(at + later)) started.set(at + later, scenario(RUNNERS[run[0]], `${proxy.base}/mcp`, run[1]));
    }
    await check(`conformance, ${what} (${which}): ${name}`, async () => {
      const { code, said } = await started.get(at);
      ok(code === 0 && / 0 failed/.test(said), said.split("\n").slice(-30).join("\n"));
    });
  }
  proxy.close();
}

export async function conformance(base, token, check) {
  const runs = [...PRODUCT.map((name) => ["current", name]), ...STABLE.map((name) => ["stable", name])];
  await all("product", runs, base, token, check);
}

export async function conformanceWithFixtures(base, token, check) {
  const runs = [...FIXTURE.map((name) => ["current", name]), ...STABLE_FIXTURE.map((name) => ["stable", name])];
  await all("fixtures", runs, base, token, check);
}
