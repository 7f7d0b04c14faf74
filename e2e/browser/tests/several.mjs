// Several tasks at once: ranges, keys, dates taken away, projects and labels, what happens at once and what comes back.
import assert from "node:assert/strict";

import { add, eventually, join, leave, titles } from "../person.mjs";

const chosen = (page, n) => page.locator(".bulk strong", { hasText: String(n) }).waitFor();
const press = (page, name) => page.locator(".bulk button", { hasText: name }).click();
const row = (page, title) => page.locator("#main .task", { hasText: title });

/** Stands on the first row and chooses it and the next. */
async function two(page) {
  await page.locator("#main h1").first().click();
  for (const key of ["k", "k", "k", "k", "s", "j", "s"]) await page.keyboard.press(key);
  await chosen(page, 2);
}

async function inbox(world, ...lines) {
  const person = await join(world, { serviceWorkers: "block" });
  await person.page.goto(`${person.url}/inbox`);
  await add(person.page, ...lines);
  await person.page.keyboard.press("Escape");
  return person;
}

export default {
  async "the keys of one task act on all that are chosen"(world) {
    const person = await inbox(world, "A", "B", "C", "D");
    const { page } = person;
    await two(page);
    await page.keyboard.press("p");
    await page.locator("dialog.ask").waitFor();
    await page.keyboard.press("1");
    await eventually("both urgent", async () => (await page.locator("#main .task[data-p=urgent]").count()) === 2);
    await two(page);
    await page.keyboard.press("x");
    await eventually("both gone", async () => (await titles(page)).length === 2);
    assert.equal(await page.locator(".bulk").count(), 0);
    assert.ok(await page.evaluate(() => document.activeElement?.closest("#main .task")), "the keyboard stays on the list");
    await page.keyboard.press("z");
    await eventually("one undo for both", async () => (await titles(page)).length === 4);
    await two(page);
    await page.keyboard.press("Delete");
    await eventually("both deleted", async () => (await titles(page)).length === 2);
    await leave(person);
  },

  async "with the shift key a range, with the control key one more"(world) {
    const person = await inbox(world, "A", "B", "C", "D", "E");
    const { page, url, context } = person;
    await page.locator("#select").click();
    await page.locator(".task .title").nth(0).click();
    await page.locator(".task .title").nth(2).click({ modifiers: ["Shift"] });
    await chosen(page, 3);
    await page.locator(".task .title").nth(4).click({ modifiers: ["ControlOrMeta"] });
    await chosen(page, 4);
    assert.equal(context.pages().length, 1, "no other tab");
    await press(page, "Delete");
    await eventually("one is left", async () => (await titles(page)).length === 1);
    assert.equal(page.url(), `${url}/inbox`);
    await leave(person);
  },

  async "no date, a project, a label"(world) {
    const person = await inbox(world, "A tomorrow @kept", "B tomorrow");
    const { page, url } = person;
    await page.request.post(`${url}/api/projects`, { data: { name: "Home" }, headers: { origin: url } });
    await page.locator("#side a", { hasText: "Home" }).waitFor();
    await two(page);
    await page.keyboard.press("d");
    await page.locator("dialog.ask button", { hasText: "No date" }).click();
    await eventually("no dates", async () => (await page.locator("#main .task time").count()) === 0);
    await two(page);
    await press(page, "Label");
    await page.locator("dialog.ask input").fill("phone");
    await page.keyboard.press("Enter");
    await eventually("the label on both", async () => (await page.locator("#main .task .label", { hasText: "phone" }).count()) === 2);
    assert.equal(await page.locator("#main .task .label", { hasText: "kept" }).count(), 1, "and the one from before");
    await two(page);
    await press(page, "Project");
    await page.locator("dialog.ask button", { hasText: "Home" }).click();
    await eventually("out of the inbox", async () => (await titles(page)).length === 0);
    await page.locator("#side a", { hasText: "Home" }).click();
    await eventually("in the project", async () => (await titles(page)).length === 2);
    await page.goto(`${url}/all`);
    await two(page);
    await press(page, "Project");
    await page.locator("dialog.ask button", { hasText: "No project" }).click();
    await page.locator(".toast", { hasText: "Saved" }).last().waitFor();
    await page.goto(`${url}/inbox`);
    assert.equal((await titles(page)).length, 2, "back in the inbox");
    await leave(person);
  },

  async "at once, and put back when it fails"(world) {
    const person = await inbox(world, "A", "B", "C");
    const { page } = person;
    await page.route("**/tasks/bulk", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await route.fulfill({ status: 500, contentType: "application/json", body: '{"detail":"Not today"}' });
    });
    await two(page);
    await page.keyboard.press("x");
    const done = () => page.locator("#main .task[data-done]").count();
    await eventually("the ticks at once", async () => (await done()) === 2, 2000);
    await page.locator(".toast", { hasText: "Not today" }).waitFor();
    assert.equal(await done(), 0, "put back");
    assert.equal(await page.locator("#main .task.leaving").count(), 0);
    await leave(person);
  },

  async "what is not on the list is not chosen"(world) {
    const person = await inbox(world, "A", "B", "C");
    const { page, url } = person;
    await two(page);
    const id = await page.locator(".task.selected").first().getAttribute("data-id");
    await page.request.delete(`${url}/api/tasks/${id}`, { headers: { origin: url } });
    await chosen(page, 1);
    await page.locator("#side a[href='/completed']").click();
    await eventually("none is chosen elsewhere", async () => (await page.locator(".bulk").count()) === 0);
    await page.goto(`${url}/inbox`);
    await row(page, "C").waitFor();
    await leave(person);
  },

  async "completed ones are opened again"(world) {
    const person = await inbox(world, "A", "B");
    const { page, url } = person;
    await two(page);
    await page.keyboard.press("x");
    await eventually("both gone", async () => (await titles(page)).length === 0);
    await page.goto(`${url}/completed`);
    await two(page);
    await press(page, "Reopen");
    await eventually("both open", async () => (await titles(page)).length === 0);
    await page.goto(`${url}/inbox`);
    assert.equal((await titles(page)).length, 2);
    await leave(person);
  },
};
