// Counting, for every suite in JavaScript.

import { AssertionError } from "node:assert";

let passed = 0;
let failed = 0;

export function equal(found, wanted, what = "") {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: found ${a}, wanted ${b}`);
}

export function ok(condition, what) {
  if (!condition) throw new Error(what);
}

export async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    // What an assertion says is enough; of other errors the place is needed, too.
    const lines = error instanceof AssertionError ? [error.message] : String(error.stack ?? error).split("\n").slice(0, 8);
    console.log(`FAILED  ${name}\n        ${lines.join("\n").replaceAll("\n", "\n        ").slice(0, 3000)}`);
  }
}

export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  // At once: a client that failed half way may hold its connection open.
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}
