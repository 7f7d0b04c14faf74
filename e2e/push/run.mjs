// Runs every case on both databases and counts. See `run`.
import assert from "node:assert/strict";

import { Subscription } from "./browser.mjs";
import { Account, Replica, keygen, stopAll } from "./replica.mjs";
import { PushService } from "./service.mjs";

/** A claim of a replica that died is taken up after half a minute; a slow machine gets as much again. */
const TAKEN_UP = 90_000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function eventually(what, check, within = 30_000) {
  for (const end = Date.now() + within; Date.now() < end; await pause(100)) if (await check()) return;
  throw new Error(`${what} did not happen within ${within} ms`);
}

const cases = {
  async "the key is served, and wrong subscriptions are refused by their field"({ one, keys, service }) {
    const ana = await Account.make(one);
    const key = await ana.call("GET", "/api/push/vapid-key", undefined, 200);
    assert.equal(key.public_key, keys.VAPID_PUBLIC_KEY);
    const good = new Subscription(service.url).toJSON();
    for (const [field, wrong] of [
      ["endpoint", { ...good, endpoint: "file:///etc/passwd" }],
      ["endpoint", { keys: good.keys }],
      ["keys.p256dh", { ...good, keys: { ...good.keys, p256dh: "AAAA" } }],
      ["keys.auth", { ...good, keys: { ...good.keys, auth: "AAAA" } }],
    ]) {
      const problem = await ana.call("POST", "/api/push/subscribe", wrong, 422);
      assert.equal(problem.field ?? problem.errors?.[0]?.field, field, JSON.stringify(problem));
    }
    const first = await ana.call("POST", "/api/push/subscribe", good, 201);
    const again = await ana.call("POST", "/api/push/subscribe", { subscription: good }, 201);
    assert.equal(first.subscription_id, again.subscription_id, "the same browser again, wrapped");
    const stranger = await Account.make(one);
    await stranger.call("DELETE", `/api/push/subscribe/${first.subscription_id}`, undefined, 404);
    await ana.call("DELETE", "/api/push/subscribe", { endpoint: good.endpoint }, 200);
    await ana.call("DELETE", "/api/push/subscribe", { endpoint: good.endpoint }, 404);
  },

  async "reminders reach every browser of their user once, whichever replica sends them"({ one, two, keys, service }) {
    const ana = await Account.make(one);
    const bob = await Account.make(two);
    const browsers = [new Subscription(service.url), new Subscription(service.url)];
    const other = new Subscription(service.url);
    for (const browser of browsers) await ana.subscribe(browser);
    await bob.subscribe(other);
    const made = [];
    for (let n = 0; n < 15; n++) made.push(await ana.task(`Task ${n} – größer`, 4));
    const done = await ana.task("Completed in time", 4);
    await ana.call("POST", `/api/tasks/${done.id}/complete`, undefined, 200);
    for (const browser of browsers) await eventually("all reminders", () => service.to(browser).length >= made.length);
    await pause(4000);
    for (const browser of browsers) {
      const notes = service.to(browser);
      for (const note of notes) service.check(note, keys.VAPID_PUBLIC_KEY);
      const messages = notes.map(({ body }) => browser.open(body));
      assert.deepEqual(messages.map(({ title }) => title).sort(), made.map(({ title }) => title).sort());
      for (const { title, body, url, tag, task_id } of messages) {
        const task = made.find((task) => task.title === title);
        assert.equal(url, `/task/${task.number}`);
        assert.equal(task_id, task.id);
        assert.match(body, /^\d\d:\d\d$|^\d{4}-\d\d-\d\d \d\d:\d\d$/);
        assert.ok(tag.length > 8);
      }
      assert.equal(new Set(messages.map(({ tag }) => tag)).size, made.length);
    }
    assert.equal(service.to(other).length, 0, "nobody else's");
    assert.equal((await one.count("delivered")) + (await two.count("delivered")), 2 * made.length);
  },

  async "a browser that is gone is forgotten, others go on"({ one, two, service }) {
    const ana = await Account.make(one);
    const [gone, lost, here] = [1, 2, 3].map(() => new Subscription(service.url));
    for (const browser of [gone, lost, here]) await ana.subscribe(browser);
    service.answer(gone, { status: 410 });
    service.answer(lost, { status: 404 });
    await ana.task("First", 1);
    await eventually("the first", () => service.to(here).length === 1 && service.to(gone, service.seen).length && service.to(lost, service.seen).length);
    await eventually("both forgotten", async () => (await one.count("gone")) + (await two.count("gone")) === 2);
    await ana.task("Second", 1);
    await eventually("the second", () => service.to(here).length === 2);
    assert.equal(service.to(gone, service.seen).length + service.to(lost, service.seen).length, 2);
  },

  async "a push service that can't is asked again, as late as it says, until it can"({ one, service }) {
    const ana = await Account.make(one);
    const browser = new Subscription(service.url);
    await ana.subscribe(browser);
    service.answer(browser, { status: 503 }, "drop", { status: 429, headers: { "retry-after": "25" } });
    await ana.task("Patience", 1);
    await eventually("the message", () => service.to(browser).length === 1, 120_000);
    const times = service.to(browser, service.seen).map(({ at }) => at);
    assert.equal(times.length, 4);
    assert.ok(times[3] - times[2] >= 24_000, `${times[3] - times[2]} ms after 25 s were asked for`);
    assert.equal(browser.open(service.to(browser)[0].body).title, "Patience");
  },

  async "a replica that is killed while it sends loses nothing and doubles nothing"({ database, keys, service }) {
    const doomed = await Replica.start(database, keys);
    const ana = await Account.make(doomed);
    const browser = new Subscription(service.url);
    await ana.subscribe(browser);
    // Whoever sends first hears nothing until it is dead; the message was not accepted.
    let release;
    service.answer(browser, new Promise((resolve) => { release = () => resolve("drop"); }));
    await ana.task("Through thick and thin", 1);
    await eventually("the first try", () => service.to(browser, service.seen).length === 1);
    await doomed.stop("SIGKILL");
    release();
    const heir = await Replica.start(database, keys);
    await eventually("the message", () => service.to(browser).length === 1, TAKEN_UP);
    await pause(5000);
    assert.equal(service.to(browser).length, 1);
    assert.equal(browser.open(service.to(browser)[0].body).title, "Through thick and thin");
    const tries = service.to(browser, service.seen);
    assert.equal(tries.length, 2);
    assert.equal(tries[0].headers.topic, tries[1].headers.topic, "a repetition replaces what may still wait");
    await heir.stop();
  },
};

/** Without the exception for tests, and without keys. */
const strict = {
  async "addresses inside are refused"({ database, keys }) {
    const replica = await Replica.start(database, keys, { PUSH_ANYWHERE: "false" });
    const ana = await Account.make(replica);
    for (const inside of ["http://127.0.0.1:9", "https://127.0.0.1", "https://localhost", "https://169.254.169.254", "https://[::1]", "https://10.0.0.1"]) {
      const problem = await ana.call("POST", "/api/push/subscribe", new Subscription(inside).toJSON(), 422);
      assert.match(JSON.stringify(problem), /endpoint/, inside);
    }
    await ana.subscribe(new Subscription("https://push.example.com"));
    await replica.stop();
  },

  async "without keys there is no push"({ database }) {
    const replica = await Replica.start(database, {});
    const ana = await Account.make(replica);
    await ana.call("GET", "/api/push/vapid-key", undefined, 404);
    await ana.call("POST", "/api/push/subscribe", new Subscription("https://push.example.com").toJSON(), 404);
    await replica.stop();
  },
};

let passed = 0;
let failed = 0;
const { BETTER_AUTH_SECRET: _, ...keys } = keygen();
for (const [engine, database] of [["sqlite", `sqlite:${process.env.TODO_E2E_WORK}/todo.db`], ["postgres", process.env.TODO_E2E_POSTGRES]]) {
  const service = await PushService.start();
  const check = async (name, run, world) => {
    try {
      await run(world);
      passed++;
      console.log(`ok      ${engine}: ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${engine}: ${name}\n${String(error.stack ?? error).replace(/^/gm, "        ")}`);
    }
  };
  const { "a replica that is killed while it sends loses nothing and doubles nothing": killed, ...together } = cases;
  const one = await Replica.start(database, keys);
  const two = await Replica.start(database, keys);
  for (const [name, run] of Object.entries(together)) await check(name, run, { one, two, keys, service, database });
  await one.stop();
  await two.stop();
  await check("a replica that is killed while it sends loses nothing and doubles nothing", killed, { keys, service, database });
  for (const [name, run] of Object.entries(strict)) await check(name, run, { keys, database });
  service.stop();
}
stopAll();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
