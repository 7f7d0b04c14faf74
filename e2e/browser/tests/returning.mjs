// Going back: to a page as it was left, to what a change took away, to the place where the keyboard was.
import assert from "node:assert/strict";

import { add, bring, eventually, join, leave, titles } from "../person.mjs";

/** So many tasks, of these projects by turns. */
const fill = (person, count, projects = [""]) => bring(person, "title,project", ...Array.from({ length: count }, (_, n) => `Task ${n},${projects[n % projects.length]}`));

const held = (page) => page.evaluate(() => document.activeElement?.closest("li")?.id || document.activeElement?.id || document.activeElement?.localName);

export default {
  async "back to a list as it was left"(world) {
    const person = await join(world);
    const { page, url } = person;
    await fill(person, 120);
    await page.goto(`${url}/all`);
    await page.locator("#more").click();
    await eventually("a hundred", async () => (await titles(page)).length === 100);
    await page.evaluate(() => scrollTo(0, 2500));
    await page.locator("#side nav a[href='/today']").click();
    await eventually("another list", async () => (await titles(page)).length === 0);
    assert.equal(await page.evaluate(() => scrollY), 0);
    await page.goBack();
    await eventually("all that were shown", async () => (await titles(page)).length === 100);
    await eventually("the place", async () => Math.abs((await page.evaluate(() => scrollY)) - 2500) < 200);
    await page.reload();
    await eventually("all that were shown, after a reload", async () => (await titles(page)).length === 100);
    await leave(person);
  },

  async "more of a grouped list goes on under its headings"(world) {
    const person = await join(world);
    const { page, url } = person;
    await fill(person, 90, ["Home", "Work", "Garden"]);
    await page.goto(`${url}/all?group=project`);
    await page.locator("#more").click();
    await eventually("all", async () => (await titles(page)).length === 90);
    assert.deepEqual((await page.locator("#list h2 bdi").allTextContents()).toSorted(), ["Garden", "Home", "Work"]);
    assert.deepEqual(await page.locator("#list h2 .count").allTextContents(), ["30", "30", "30"]);
    await leave(person);
  },

  async "one undo after another, and forth again"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "One", "Two", "Three");
    const list = (...wanted) => eventually(wanted.join(", "), async () => JSON.stringify((await titles(page)).toSorted()) === JSON.stringify(wanted));
    for (const title of ["One", "Two"]) {
      await page.locator(".task", { hasText: title }).locator(".check").click();
      await eventually(`${title} is done`, async () => !(await titles(page)).includes(title));
    }
    await list("Three");
    await page.locator("#main h1").click();
    await page.keyboard.press("z");
    await list("Three", "Two");
    await page.keyboard.press("z");
    await list("One", "Three", "Two");
    await page.keyboard.press("Control+Shift+z");
    await list("Three", "Two");
    await page.keyboard.press("Control+z");
    await list("One", "Three", "Two");
    await leave(person);
  },

  async "a subtask comes while the next one is written"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Move house");
    await page.locator(".task .title").click();
    const sheet = page.locator("dialog.sheet");
    await sheet.locator("#subtask").fill("Pack");
    await sheet.locator("#subtask").press("Enter");
    await sheet.locator("#subtask").pressSequentially("Sweep");
    await sheet.locator(".task[data-id] .check").waitFor();
    assert.equal(await sheet.locator("#subtask").inputValue(), "Sweep");
    await sheet.locator("[name=description]").fill("half written");
    await sheet.locator(".task[data-id] .check").click();
    await eventually("the tick", async () => (await sheet.locator(".task[data-done]").count()) === 1 || (await sheet.locator(".task").count()) === 0);
    await page.waitForTimeout(300);
    assert.equal(await sheet.locator("[name=description]").inputValue(), "half written");
    await leave(person);
  },

  async "the keyboard stays where it was when what had it goes"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "One", "Two", "Three");
    const [first, second] = await page.locator("#main .task").evaluateAll((rows) => rows.map((row) => row.id));
    // Another device completes the task that has the keyboard.
    await page.locator("#main .task .title").first().focus();
    assert.equal(await held(page), first);
    const answer = await page.request.patch(`${url}/api/tasks/${first.slice(1)}`, { data: { completed: true }, headers: { origin: url } });
    assert.equal(answer.status(), 200);
    await eventually("one less", async () => (await page.locator("#main .task").count()) === 2);
    assert.equal(await held(page), second);
    // And here an undo takes its own button away.
    await page.goto(`${url}/history`);
    const undo = page.locator("#main li button[data-do=undo]").first();
    await undo.focus();
    await page.keyboard.press("Enter");
    await eventually("it is undone", async () => (await page.locator("#main [data-undone]").count()) > 0);
    await page.waitForTimeout(300);
    assert.notEqual(await held(page), "body");
    await leave(person);
  },

  async "what lies over the page keeps the keyboard, and a press beside it does nothing else"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "One", "Two");
    const check = await page.locator("#main .check").first().boundingBox();
    await page.locator("#main .title").first().click();
    const sheet = page.locator("dialog.sheet");
    await sheet.locator("footer button").waitFor();
    const inside = () => page.evaluate(() => Boolean(document.activeElement?.closest("dialog.sheet")));
    await sheet.locator(".close").focus();
    await page.keyboard.press("Shift+Tab");
    assert.ok(await inside(), "backwards from the first");
    await page.keyboard.press("Tab");
    assert.ok(await sheet.locator(".close").evaluate((node) => node === document.activeElement), "forwards from the last");
    await page.mouse.click(check.x + check.width / 2, check.y + check.height / 2);
    await eventually("it goes", async () => (await sheet.count()) === 0);
    await page.waitForTimeout(300);
    assert.equal(await page.locator("#main .task[data-done]").count(), 0);
    assert.equal((await titles(page)).length, 2);
    await leave(person);
  },

  async "an emptied search leads back to where it began"(world) {
    const person = await join(world);
    const { page, url } = person;
    await fill(person, 3, ["Home"]);
    await page.goto(`${url}/today`);
    await page.locator("#side nav a", { hasText: "Home" }).click();
    await page.waitForURL(/project/);
    const project = page.url();
    await page.locator(".find input").pressSequentially("Task 1");
    await eventually("one is found", async () => (await titles(page)).length === 1);
    await page.locator(".find input").fill("");
    await page.waitForURL(project);
    await eventually("the project", async () => (await titles(page)).length === 3);
    await leave(person);
  },

  async "two presses complete a repeating task once"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/all`);
    await add(page, "Water plants every day");
    await page.route("**/complete", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await page.locator("#main .check").dblclick();
    await page.locator(".toast").last().waitFor();
    await page.waitForTimeout(800);
    const { operations } = await (await page.request.get(`${url}/api/operations`)).json();
    assert.equal(operations.length, 2, JSON.stringify(operations.map(({ summary }) => summary)));
    await leave(person);
  },
};
