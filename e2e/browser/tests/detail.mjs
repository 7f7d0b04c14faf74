// One task in all its parts: subtasks, notes, reminders, a time without a day; and the same page without scripts.
import assert from "node:assert/strict";

import { add, eventually, join, leave, open, titles } from "../person.mjs";

const headers = (url) => ({ origin: url });
const task = async (page, url, number = 1) => (await page.request.get(`${url}/api/tasks/${number}`)).json();

export default {
  async "a subtask is understood as a sentence, and leads to its task"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Move house");
    await page.goto(`${url}/task/1`);
    await page.fill("#subtask", "Pack the books tomorrow p1 @home");
    await page.press("#subtask", "Enter");
    const row = page.locator(".detail .task[data-id]", { hasText: "Pack the books" });
    await row.waitFor();
    assert.equal(await row.getAttribute("data-p"), "urgent");
    assert.equal(await row.locator(".title").innerText(), "Pack the books");
    assert.match(await row.locator(".meta").innerText(), /Tomorrow[^]*home/);
    await page.goto(`${url}/task/2`);
    assert.equal(await page.locator("#subtask").count(), 0, "it has none of its own");
    await page.locator(".detail a", { hasText: "Move house" }).click();
    await page.waitForURL(`${url}/task/1`);
    await leave(person);
  },

  async "addresses in notes are links, boxes are text"(world) {
    const person = await join(world);
    const { page, url } = person;
    const description = "See https://example.org/a?b=1&c=2, please.\n\n- [x] done\n- [ ] open";
    await page.request.post(`${url}/api/tasks`, { data: { title: "Notes", description }, headers: headers(url) });
    await page.goto(`${url}/task/1`);
    assert.equal(await page.locator(".prose a").getAttribute("href"), "https://example.org/a?b=1&c=2");
    assert.deepEqual(await page.locator(".prose li").allInnerTexts(), ["☑ done", "☐ open"]);
    assert.equal(await page.locator(".prose input").count(), 0);
    await leave(person);
  },

  async "a time without a day is the next one; several reminders stay until others are chosen"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Call");
    await page.goto(`${url}/task/1`);
    await page.fill("#edit [name=time]", "10:30");
    await page.locator("#edit button.primary").click();
    await eventually("a due time", async () => Boolean((await task(page, url)).due_date));
    await eventually("its day in the form", async () => (await page.inputValue("#edit [name=day]")) !== "");
    assert.equal(await page.inputValue("#edit [name=time]"), "10:30");

    const data = { reminders: ["-PT10M", "-PT60M"] };
    await page.request.patch(`${url}/api/tasks/1`, { data, headers: headers(url) });
    await page.goto(`${url}/task/1`);
    const chosen = page.locator("#edit [name=reminder] option:checked");
    assert.equal(await chosen.innerText(), "10 minutes before, 1 hour before");
    await page.fill("#edit [name=title]", "Call Ana");
    await page.locator("#edit button.primary").click();
    await eventually("the title", async () => (await task(page, url)).title === "Call Ana");
    assert.equal((await task(page, url)).reminders.length, 2, "both are kept");
    await page.selectOption("#edit [name=reminder]", { label: "10 minutes before" });
    await page.locator("#edit button.primary").click();
    await eventually("one reminder", async () => (await task(page, url)).reminders.length === 1);
    await leave(person);
  },

  async "without scripts a task is deleted on its own page"(world) {
    const person = await join(world, { javaScriptEnabled: false });
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await page.fill("#text", "One\nTwo");
    await page.locator("#add button.primary").click();
    await page.locator(".task .title", { hasText: "One" }).click();
    await page.locator(".detail footer button").click();
    assert.equal(page.url(), `${url}/all`);
    assert.deepEqual(await titles(page), ["Two"]);
    await page.locator(".flash button").click();
    await page.goto(`${url}/all`);
    assert.equal((await titles(page)).length, 2, "and comes back");
    await leave(person);
  },

  async "a form that is saved leaves alone what was changed elsewhere meanwhile"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Shared every day");
    await page.locator(".task .title").click();
    const notes = page.locator("#edit [name=description]");
    await notes.fill("Half written");
    const data = { title: "Renamed elsewhere", priority: "high", labels: ["new"] };
    await page.request.patch(`${url}/api/tasks/1`, { data, headers: headers(url) });
    await eventually("the list following", async () => (await titles(page)).includes("Renamed elsewhere"));
    await page.locator("#edit button.primary").click();
    await eventually("the notes", async () => (await task(page, url)).description === "Half written");
    const { title, priority, labels, recurrence, recurrence_anchor: anchor } = await task(page, url);
    assert.deepEqual({ title, priority, labels, recurrence, anchor }, { ...data, recurrence: "FREQ=DAILY", anchor: "due" });
    await page.goto(`${url}/task/1`);
    await page.locator("#edit [name=after]").check();
    await page.locator("#edit button.primary").click();
    await eventually("counted from completion", async () => (await task(page, url)).recurrence_anchor === "completion");
    await page.locator("#edit [name=priority]").selectOption("low");
    await page.locator("#edit button.primary").click();
    await eventually("the priority", async () => (await task(page, url)).priority === "low");
    assert.equal((await task(page, url)).recurrence_anchor, "completion");
    await page.locator("#edit [name=after]").uncheck();
    await page.locator("#edit button.primary").click();
    await eventually("counted from the date", async () => (await task(page, url)).recurrence_anchor === "due");
    await leave(person);
  },

  async "the device in use is marked"(world) {
    const person = await join(world);
    const other = await open(world);
    const { page, url, email } = person;
    await other.page.goto(`${url}/sign-in`);
    await other.page.fill("[name=email]", email);
    await other.page.fill("[name=password]", "a sentence works well");
    await other.page.click("button.primary");
    await other.page.waitForURL(`${url}/today`);
    await page.goto(`${url}/settings`);
    const devices = page.locator("li", { has: page.locator("form[action='/settings/devices/revoke']") });
    assert.equal(await devices.count(), 2);
    assert.equal(await devices.filter({ hasText: "This device" }).count(), 1);
    await devices.filter({ hasNotText: "This device" }).locator("button").click();
    await page.waitForLoadState();
    await page.goto(`${url}/settings`);
    assert.equal(await devices.count(), 1, "the other one was signed out, not this");
    await other.page.goto(`${url}/today`);
    assert.match(other.page.url(), /sign-in/);
    await leave(other);
    await leave(person);
  },
};
