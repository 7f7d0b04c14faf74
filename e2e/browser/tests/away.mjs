// Away and back: what waits without a connection or a session, whose it is, and streams that a server in between refuses.
import assert from "node:assert/strict";

import { PASSWORD, add, eventually, join, leave, titles } from "../person.mjs";

/** Waits until this page is kept for reading without a connection. */
async function keep(page) {
  await page.evaluate(() => navigator.serviceWorker.ready.then((worker) => worker.active?.state));
  await page.reload();
  await page.reload();
  await eventually("the kept page", () => page.evaluate(async () => Boolean(await caches.match(location.href, { ignoreVary: true }))), 8000);
}

/** Fills in the sign-in that stands there. */
async function enter(page, email) {
  await page.locator("[name=email]").fill(email);
  await page.locator("[name=password]").fill(PASSWORD);
  await page.locator("button.primary").click();
}

const waits = (page, n) => page.locator("#offline", { hasText: String(n) }).waitFor();
const row = (page, title) => page.locator("#main .task", { hasText: title });

export default {
  async "what was changed offline is still seen after a reload, and sent"(world) {
    const person = await join(world);
    const { page, url, context } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Keep", "Finish", "Rename", "Remove");
    await keep(page);
    await context.setOffline(true);
    await page.locator("#offline").waitFor();
    await page.fill("#text", "Added");
    await page.press("#text", "Enter");
    await waits(page, 1);
    await row(page, "Finish").locator(".check").click();
    await waits(page, 2);
    await row(page, "Remove").hover();
    await row(page, "Remove").locator(".remove").click();
    await waits(page, 3);
    await row(page, "Rename").locator(".title").focus();
    await page.keyboard.press("e");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("New name");
    await page.keyboard.press("Enter");
    await waits(page, 4);
    await page.reload();
    await waits(page, 4);
    await row(page, "Added").waitFor();
    await row(page, "New name").waitFor();
    assert.equal(await row(page, "Finish").evaluate((task) => "done" in task.dataset), true, "completed");
    assert.equal(await row(page, "Remove").evaluate((task) => task.classList.contains("leaving")), true, "deleted");
    await context.setOffline(false);
    await eventually("all sent", async () => (await titles(page)).sort().join() === "Added,Keep,New name", 15000);
    await eventually("nothing waits", async () => (await page.locator("#offline").count()) === 0);
    assert.equal(await page.locator(".task.pending").count(), 0);
    await leave(person);
  },

  async "a session that ended loses nothing that was written"(world) {
    const person = await join(world);
    const { page, url, context, email } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Before");
    await context.clearCookies();
    await page.fill("#text", "Written to nobody");
    await page.press("#text", "Enter");
    await page.waitForURL(/sign-in/);
    await enter(page, email);
    await page.waitForURL(`${url}/inbox`);
    await eventually("the task", async () => (await titles(page)).includes("Written to nobody"), 8000);
    await page.reload();
    assert.equal((await titles(page)).filter((title) => title === "Written to nobody").length, 1, "once");
    await leave(person);
  },

  async "what waits belongs to whoever made it"(world) {
    const person = await join(world);
    const { page, url, context, email } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Mine");
    await keep(page);
    await context.setOffline(true);
    await page.locator("#offline").waitFor();
    await page.fill("#text", "Waiting");
    await page.press("#text", "Enter");
    await waits(page, 1);
    await context.clearCookies();
    await context.setOffline(false);
    await page.waitForURL(/sign-in/, { timeout: 15000 });
    const other = `other-${Date.now()}@example.org`;
    await page.goto(`${url}/sign-up`);
    await page.fill("[name=name]", "Ben");
    await enter(page, other);
    await page.waitForURL(`${url}/today`);
    await page.goto(`${url}/inbox`);
    await eventually("nothing of this person's", () => page.evaluate(() => localStorage.getItem("waiting") === null));
    assert.deepEqual(await titles(page), [], "not the other's");
    assert.equal((await (await page.request.get(`${url}/api/tasks`)).json()).total, 0);
    await context.clearCookies();
    await page.goto(`${url}/sign-in?next=/inbox`);
    await enter(page, email);
    await page.waitForURL(`${url}/inbox`);
    await eventually("back with its owner", async () => (await titles(page)).includes("Waiting"), 8000);
    await leave(person);
  },

  async "a change that can no longer be made says why"(world) {
    const person = await join(world);
    const { page, url, context } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Gone meanwhile", "Stays");
    await keep(page);
    const id = await row(page, "Gone meanwhile").getAttribute("data-id");
    await context.setOffline(true);
    await page.locator("#offline").waitFor();
    await row(page, "Gone meanwhile").locator(".check").click();
    await waits(page, 1);
    const { cookies } = await context.storageState();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const answer = await fetch(`${url}/api/tasks/${id}`, { method: "DELETE", headers: { cookie, origin: url } });
    assert.ok(answer.ok, `${answer.status}`);
    await context.setOffline(false);
    const note = page.locator(".toast", { hasText: "could not be sent: 1" });
    await note.waitFor({ timeout: 15000 });
    assert.doesNotMatch(await note.innerText(), /: 1\.?\s*$/, "with a reason");
    await eventually("the list as it is", async () => (await titles(page)).join() === "Stays");
    await leave(person);
  },

  async "a stream that was refused is asked for again"(world) {
    // What a service worker passes on may not meet the route.
    const person = await join(world, { serviceWorkers: "block" });
    const { page, url } = person;
    let refused = 0;
    await page.route("**/api/events", (route) => {
      if (refused++ < 2) return route.fulfill({ status: 502, contentType: "application/json", body: "{}" });
      return route.continue();
    });
    await page.goto(`${url}/inbox`);
    await eventually("the third try", () => refused > 2, 10000);
    const made = await page.request.post(`${url}/api/tasks`, { data: { title: "From elsewhere" }, headers: { origin: url } });
    assert.equal(made.status(), 201);
    await eventually("the page following", async () => (await titles(page)).includes("From elsewhere"));
    await leave(person);
  },

  async "a stream that is refused because the session ended leads to the sign-in"(world) {
    // What a service worker passes on may not meet the route.
    const person = await join(world, { serviceWorkers: "block" });
    const { page, url, context } = person;
    let end = () => {};
    const over = new Promise((resolve) => {
      end = resolve;
    });
    await page.route("**/api/events", async (route) => {
      await over;
      await route.fulfill({ status: 401, contentType: "application/json", body: "{}" });
    });
    await page.goto(`${url}/inbox`);
    await context.clearCookies();
    end();
    await page.waitForURL(/sign-in/);
    await leave(person);
  },
};
