// Projects, labels and saved filters are made, renamed and deleted in the page; the side counts; several tasks by touch.
import assert from "node:assert/strict";

import { add, eventually, join, leave, titles } from "../person.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Opens the form behind the plus beside a heading, and fills it in. */
async function make(page, kind, fields) {
  const fold = page.locator(`#side details.make:has(form[action='/${kind}'])`);
  await fold.locator("summary").click();
  for (const [name, value] of Object.entries(fields)) await fold.locator(`[name=${name}]`).fill(value);
  await fold.locator("button").click();
}

/** Changes what the present list stands for. */
async function change(page, fields) {
  const fold = page.locator("#main details.tools:has(input[name=name])");
  await fold.locator("summary").click();
  for (const [name, value] of Object.entries(fields)) await fold.locator(`[name=${name}]`).fill(value);
  await fold.locator("button.primary").click();
  await eventually("the new name above the list", async () => (await page.locator("#main h1").innerText()) === fields.name);
}

const undo = (page) => page.locator(".toast button").last().click();
const side = (page) => page.locator("#side nav bdi").allTextContents();
const count = (page, path) => page.locator(`#side nav a[href='${path}'] .count`).innerText({ timeout: 1000 }).catch(() => "");

async function several(page) {
  await page.locator(".bulk strong", { hasText: "2" }).waitFor();
  await page.locator(".bulk button", { hasText: "Complete" }).click();
  await eventually("two gone", async () => (await titles(page)).length === 1);
  await undo(page);
  await eventually("one undo for both", async () => (await titles(page)).length === 3);
}

/** Rests a finger on something, or only touches it. */
async function touch(page, session, locator, milliseconds) {
  const box = await locator.boundingBox();
  const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  await page.waitForTimeout(milliseconds);
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

export default {
  async "a project: made, renamed, deleted, undone"(world) {
    const person = await join(world);
    const { page, url } = person;
    await make(page, "projects", { name: "Gardn" });
    await page.waitForURL(/\/project\//);
    assert.equal(await page.locator("#main h1").innerText(), "Gardn");
    await add(page, "Rake the leaves");
    await change(page, { name: "Garden & <shed>" });
    assert.deepEqual(await side(page), ["Garden & <shed>"]);
    await page.locator("#main details.tools button.danger").waitFor({ state: "hidden" });
    await page.locator("#main details.tools:has(input[name=name]) summary").click();
    await page.locator("#main details.tools button.danger").click();
    await page.waitForURL(`${url}/all`);
    await eventually("it is gone from the side", async () => (await side(page)).length === 0);
    assert.deepEqual(await titles(page), ["Rake the leaves"], "its tasks stay");
    await undo(page);
    await eventually("it is back", async () => (await side(page)).join() === "Garden & <shed>");
    await leave(person);
  },

  async "a label: made, renamed on its tasks, deleted"(world) {
    const person = await join(world);
    const { page, url } = person;
    await make(page, "labels", { name: "fone" });
    await page.waitForURL(`${url}/label/fone`);
    await add(page, "Call Ana");
    await change(page, { name: "phone" });
    await page.waitForURL(`${url}/label/phone`);
    assert.equal(await page.locator(".task .label").innerText(), "phone");
    await page.locator("#main details.tools:has(input[name=name]) summary").click();
    await page.locator("#main details.tools button.danger").click();
    await page.waitForURL(`${url}/all`);
    assert.equal(await page.locator(".task .label").count(), 0);
    await leave(person);
  },

  async "a filter: made, changed, deleted, each undone; a wrong condition is explained"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/all`);
    await add(page, "Soon p1", "Sooner p1 today", "Never");
    await make(page, "filters", { name: "Hot", query: "p1 &" });
    await page.locator(".toast").last().waitFor();
    const form = page.locator("#side form[action='/filters']");
    assert.equal(await form.locator("[name=name]").inputValue(), "Hot", "what was written stays");
    await form.locator("[name=query]").fill("p1");
    await form.locator("button").click();
    await page.waitForURL(/\/filter\//);
    assert.deepEqual(new Set(await titles(page)), new Set(["Soon", "Sooner"]));
    assert.equal(await count(page, new URL(page.url()).pathname), "2");
    await change(page, { name: "Hot today", query: "p1 & today" });
    assert.deepEqual(await titles(page), ["Sooner"]);
    await undo(page);
    await eventually("the name and the condition from before", async () => (await side(page)).join() === "Hot" && (await titles(page)).length === 2);
    await make(page, "filters", { name: "Cold", query: "p4" });
    await eventually("a second one", async () => (await side(page)).join() === "Hot,Cold");
    await page.locator("#side a", { hasText: "Hot" }).click();
    await eventually("the first one's list", async () => (await page.locator("#main h1").innerText()) === "Hot");
    await page.locator("#main details.tools:has(input[name=name]) summary").click();
    await page.locator("#main details.tools button.danger").click();
    await page.waitForURL(`${url}/all`);
    await eventually("it is gone from the side", async () => (await side(page)).join() === "Cold");
    await page.locator("#main h1").click();
    await page.keyboard.press("z");
    await eventually("it is back where it was", async () => (await side(page)).join() === "Hot,Cold");
    await eventually("with its list", async () => (await page.locator("#main h1").innerText()) === "Hot" && (await titles(page)).length === 2);
    await undo(page);
    await eventually("what was undone can be done again", async () => (await side(page)).join() === "Cold");
    await leave(person);
  },

  async "the side counts what is open"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/all`);
    await add(page, "One today", "Two yesterday #Home", "Three tomorrow @away", "Four");
    const counts = { "/today": "2", "/overdue": "1", "/upcoming": "3", "/inbox": "3", "/all": "4", "/label/away": "1" };
    for (const [path, expected] of Object.entries(counts)) await eventually(`${path}: ${expected}`, async () => (await count(page, path)) === expected);
    await page.locator(".task", { hasText: "Two" }).locator(".check").click();
    await eventually("one less, and nothing overdue", async () => (await count(page, "/today")) === "1" && (await count(page, "/overdue")) === "");
    await leave(person);
  },

  async "several by touch: a long press begins, touches go on"(world) {
    const person = await join(world, PHONE);
    const { page, url, context } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "A", "B", "C");
    const session = await context.newCDPSession(page);
    const title = (name) => page.locator(".task .title", { hasText: name });
    await touch(page, session, title("A"), 700);
    await page.locator(".bulk strong", { hasText: "1" }).waitFor();
    assert.equal(page.url(), `${url}/inbox`, "a long press opens nothing");
    await touch(page, session, title("B"), 30);
    await page.locator(".bulk strong", { hasText: "2" }).waitFor();
    assert.equal(await page.locator("dialog.sheet").count(), 0, "nor does a touch while choosing");
    await touch(page, session, title("C"), 30);
    await touch(page, session, title("C"), 30);
    await several(page);
    await touch(page, session, title("A"), 30);
    await page.locator("dialog.sheet").waitFor();
    await leave(person);
  },

  async "several by the button above the list"(world) {
    const person = await join(world, PHONE);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "A", "B", "C");
    await page.locator("#select").focus();
    await page.keyboard.press("Enter");
    await page.locator(".bulk strong", { hasText: "0" }).waitFor();
    await page.locator(".task .title").nth(0).tap();
    await page.locator(".task .title").nth(2).tap();
    await several(page);
    await leave(person);
  },
};
