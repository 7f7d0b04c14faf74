// What scripts bring: instant completion, roll-back, order by hand, bulk, quick add, offline.
import assert from "node:assert/strict";

import { add, dragLoaded, eventually, join, leave, titles } from "../person.mjs";

export default {
  async "completing is instant and rolls back when it fails"(world) {
    // What a service worker passes on may not meet the route.
    const person = await join(world, { serviceWorkers: "block" });
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "One", "Two");
    await page.route("**/complete", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      await route.fulfill({ status: 500, contentType: "application/json", body: '{"detail":"Not today"}' });
    });
    const row = page.locator(".task", { hasText: "One" });
    await row.locator(".check").click();
    await eventually("the tick at once", () => row.evaluate((node) => "done" in node.dataset), 200);
    await page.locator(".toast", { hasText: "Not today" }).waitFor();
    assert.equal(await row.evaluate((node) => "done" in node.dataset), false, "put back");
    await page.unroute("**/complete");
    await page.locator(".toast", { hasText: "Not today" }).getByRole("button").click();
    await eventually("the second try", async () => !(await titles(page)).includes("One"));
    await leave(person);
  },

  async "a text that is taken literally"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await page.fill("#text", "Read Friday");
    await page.locator(".chip", { hasText: "Friday" }).click();
    await eventually("no chip", async () => (await page.locator(".chip").count()) === 0);
    await page.press("#text", "Enter");
    await eventually("the whole title", async () => (await titles(page)).includes("Read Friday"));
    await leave(person);
  },

  async "several lines make several tasks"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await page.fill("#text", "Alpha\nBeta\nGamma");
    await page.press("#text", "Enter");
    await eventually("three tasks", async () => (await titles(page)).length === 3);
    await page.locator(".toast button").last().click();
    await eventually("one undo for all", async () => (await titles(page)).length === 0);
    await leave(person);
  },

  async "order by hand: dragging and keys"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "A", "B", "C");
    const before = await titles(page);
    const grip = page.locator(".task .grip").nth(2);
    await dragLoaded(page);
    await page.locator(".task").nth(2).hover();
    const from = await grip.boundingBox();
    const to = await page.locator(".task").nth(0).boundingBox();
    await page.mouse.move(from.x + 8, from.y + 12);
    await page.mouse.down();
    await page.mouse.move(from.x + 8, to.y + 20, { steps: 6 });
    await page.mouse.move(from.x + 8, to.y - 2, { steps: 3 });
    await page.mouse.up();
    const wanted = [before[2], before[0], before[1]];
    await eventually("the order after dragging", async () => JSON.stringify(await titles(page)) === JSON.stringify(wanted));
    await page.waitForTimeout(300);
    await page.reload();
    assert.deepEqual(await titles(page), wanted, "it is kept");
    await page.locator(".task .grip").nth(0).focus();
    await page.keyboard.press("ArrowDown");
    const next = [wanted[1], wanted[0], wanted[2]];
    await eventually("the order after the key", async () => JSON.stringify(await titles(page)) === JSON.stringify(next));
    await page.waitForTimeout(300);
    await page.reload();
    assert.deepEqual(await titles(page), next);
    await leave(person);
  },

  async "several at once"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "A", "B", "C");
    await page.locator("#main h1").click();
    await page.keyboard.press("j");
    await page.keyboard.press("s");
    await page.locator(".bulk").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("s");
    await page.locator(".bulk button", { hasText: "Complete" }).click();
    await eventually("two gone", async () => (await titles(page)).length === 1);
    await page.locator(".toast button").last().click();
    await eventually("one undo for both", async () => (await titles(page)).length === 3);
    await leave(person);
  },

  async "offline: the list stays, changes wait and are sent once"(world) {
    const person = await join(world);
    const { page, url, context } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Before");
    await page.evaluate(() => navigator.serviceWorker.ready.then((worker) => worker.active?.state));
    await page.reload();
    await page.reload();
    await context.setOffline(true);
    await page.locator("#offline").waitFor();
    await page.fill("#text", "Written on the train");
    await page.press("#text", "Enter");
    await page.locator("#offline", { hasText: "1" }).waitFor();
    await page.reload();
    assert.ok((await titles(page)).includes("Before"), "the last list is there without a connection");
    await page.locator("#offline", { hasText: "1" }).waitFor();
    await context.setOffline(false);
    await eventually("the change being sent", async () => (await titles(page)).includes("Written on the train"), 15000);
    await page.reload();
    assert.equal((await titles(page)).filter((title) => title === "Written on the train").length, 1, "once");
    assert.equal(await page.locator("#offline").count(), 0);
    await leave(person);
  },

  async "too fast: it waits and tries again"(world) {
    // What a service worker passes on may not meet the route.
    const person = await join(world, { serviceWorkers: "block" });
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    let calls = 0;
    await page.route("**/tasks", async (route) => {
      if (calls++) return route.continue();
      return route.fulfill({ status: 429, headers: { "retry-after": "1" }, contentType: "application/json", body: '{"detail":"slow down"}' });
    });
    await page.fill("#text", "Patience");
    await page.press("#text", "Enter");
    await page.locator(".toast", { hasText: "too fast" }).waitFor();
    await eventually("the task", async () => (await titles(page)).includes("Patience"));
    assert.equal(calls, 2);
    await leave(person);
  },

  async "search follows the typing"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Paint the fence", "Buy paint", "Sleep");
    await page.locator(".find input").click();
    await page.keyboard.type("paint", { delay: 30 });
    await eventually("the matches", async () => (await titles(page)).length === 2 && page.url().includes("q=paint"));
    assert.equal(await page.inputValue(".find input"), "paint");
    await page.goBack();
    await eventually("the list again", async () => (await titles(page)).length === 3);
    await leave(person);
  },

  async "sort, group, and a list of its own for a project"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/all`);
    await add(page, "Banana p3 #Food", "Apple p1 #Food", "Cherry p1 #Home");
    await page.goto(`${url}/all`);
    await page.locator(".tools summary").click();
    await page.selectOption("[name=sort]", "title");
    await page.selectOption("[name=group]", "priority");
    await page.locator(".tools button.primary").click();
    await eventually("groups", async () => (await page.locator(".group h2").allTextContents()).length === 2);
    assert.deepEqual(await titles(page), ["Apple", "Cherry", "Banana"]);
    await page.locator("#side a", { hasText: "Food" }).click();
    await eventually("the project", async () => (await titles(page)).length === 2);
    await add(page, "Date");
    assert.ok((await titles(page)).includes("Date"), "what is added here belongs here");
    await leave(person);
  },
};
