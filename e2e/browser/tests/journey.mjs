// From the first visit to the last, on a desktop and on a phone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { PASSWORD, add, eventually, join, leave, open, titles } from "../person.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function journey(world, options) {
  const person = await join(world, options);
  const { page, url, context } = person;

  await page.locator(".empty").waitFor();
  await page.fill("#text", "Call Ana tomorrow 5pm p1 @phone #Work");
  await page.locator(".chip").nth(3).waitFor();
  const understood = await page.locator(".chip span").allTextContents();
  assert.deepEqual(understood.map((text) => text.trim()), ["tomorrow 5pm", "p1", "@phone", "#Work"]);
  await page.press("#text", "Enter");
  await eventually("the notice", async () => (await page.locator(".toast").count()) > 0);

  await page.goto(`${url}/upcoming`);
  assert.deepEqual(await titles(page), ["Call Ana"]);
  const row = page.locator(".task").first();
  assert.equal(await row.getAttribute("data-p"), "urgent");
  assert.match(await row.locator(".meta").innerText(), /17:00/);
  assert.match(await row.locator(".meta").innerText(), /phone/);

  await page.goto(`${url}/inbox`);
  await add(page, "Buy milk", "Water the plants every 3 days");
  assert.deepEqual(new Set(await titles(page)), new Set(["Buy milk", "Water the plants"]));

  // Search, and filter by label and by project.
  await page.goto(`${url}/search?q=milk`);
  assert.deepEqual(await titles(page), ["Buy milk"]);
  await page.goto(`${url}/all`);
  await page.locator(".task .label", { hasText: "phone" }).click();
  await page.waitForURL(`${url}/label/phone`);
  assert.deepEqual(await titles(page), ["Call Ana"]);

  // Complete, and take it back.
  await page.goto(`${url}/inbox`);
  await page.locator(".task", { hasText: "Buy milk" }).locator(".check").click();
  await eventually("leaving the list", async () => !(await titles(page)).includes("Buy milk"));
  await page.locator(".toast", { hasText: "Completed" }).getByRole("button").click();
  await eventually("coming back", async () => (await titles(page)).includes("Buy milk"));

  // A second tab follows within a second.
  const second = await context.newPage();
  await second.goto(`${url}/inbox`);
  await second.waitForLoadState("networkidle").catch(() => {});
  await add(page, "Seen everywhere");
  await eventually("the second tab following", async () => (await titles(second)).includes("Seen everywhere"), 1500);
  await second.close();

  // Talk: the answer, the card of its tool, and what it did, undone from the card.
  if (options.isMobile) await page.goto(`${url}/chat`);
  await page.locator(".composer textarea").fill("add buy stamps tomorrow at 9am");
  await page.locator(".composer textarea").press("Enter");
  const card = page.locator(".message:not(.mine) .card-tool");
  await card.locator("summary", { hasText: "add task" }).click();
  assert.match(await card.locator("pre").first().innerText(), /stamps/i);
  await card.getByRole("button", { name: /Undo/ }).click();
  await card.getByRole("button", { name: /Undo/ }).waitFor({ state: "detached" });
  await page.goto(`${url}/inbox`);
  await eventually("the stamps being gone", async () => !(await titles(page)).some((title) => /stamps/i.test(title)));

  // Without a connection: the list stays, a change waits, and is sent once.
  await page.evaluate(() => navigator.serviceWorker.ready.then((worker) => worker.active?.state));
  await page.reload();
  await page.reload();
  await context.setOffline(true);
  await page.locator("#offline").waitFor();
  await page.fill("#text", "Written on the train");
  await page.press("#text", "Enter");
  await page.locator("#offline", { hasText: "1" }).waitFor();
  await context.setOffline(false);
  // What waits is shown as well, but has no number yet.
  await page.locator("#main .task[data-id]", { hasText: "Written on the train" }).waitFor({ timeout: 20000 });
  await page.reload();
  assert.equal((await titles(page)).filter((title) => title === "Written on the train").length, 1, "once");

  // Edit in the sheet.
  await page.locator(".task .title", { hasText: "Buy milk" }).click();
  const sheet = page.locator("dialog.sheet");
  await sheet.locator("[name=title]").fill("Buy oat milk");
  await sheet.locator("[name=description]").fill("Two, **cold**.");
  await sheet.locator("#edit button.primary").click();
  await eventually("the new title in the list", async () => (await titles(page)).includes("Buy oat milk"));
  await eventually("rendered notes", async () => (await sheet.locator(".prose strong").innerText()) === "cold");
  await sheet.locator("#subtask").fill("Look at the date");
  await sheet.locator("#subtask").press("Enter");
  await eventually("the subtask", async () => (await sheet.locator(".task .title").allTextContents()).includes("Look at the date"));
  await page.keyboard.press("Escape");

  // Delete from the list, undo from the history.
  const other = page.locator(".task", { hasText: "Seen everywhere" });
  await other.hover();
  await other.locator(".remove").click();
  await eventually("deletion", async () => !(await titles(page)).includes("Seen everywhere"));
  await page.goto(`${url}/history`);
  await page.locator(".operations li", { hasText: "Seen everywhere" }).first().getByRole("button").click();
  await page.locator(".toast", { hasText: "Undone" }).waitFor();
  await page.goto(`${url}/inbox`);
  await eventually("the deleted task being back", async () => (await titles(page)).includes("Seen everywhere"));

  // Take everything along.
  await page.goto(`${url}/settings`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("a.button", { hasText: /^CSV$/ }).click()]);
  assert.match(await readFile(await download.path(), "utf8"), /Buy oat milk/);

  // Leave for good.
  await page.locator(".danger-zone [name=password]").fill(PASSWORD);
  await page.locator(".danger-zone button.danger").click();
  await page.waitForURL(`${url}/sign-up`);
  await page.goto(`${url}/today`);
  assert.match(page.url(), /sign-in/);
  await page.fill("[name=email]", person.email);
  await page.fill("[name=password]", PASSWORD);
  await page.click("button.primary");
  await page.locator("[role=alert]:not(.hidden)").waitFor();
  await leave(person);
}

export default {
  "the whole journey on a desktop": (world) => journey(world, {}),
  "the whole journey on a phone": (world) => journey(world, PHONE),

  async "the basics without JavaScript"(world) {
    const person = await join(world, { javaScriptEnabled: false });
    const { page, url } = person;
    await page.fill("#text", "Buy bread tomorrow p2");
    await page.locator("#text").press("Tab");
    await page.locator("#add button.primary").click();
    await page.goto(`${url}/upcoming`);
    assert.deepEqual(await titles(page), ["Buy bread"]);
    await page.locator(".task .title").click();
    await page.fill("#edit [name=title]", "Buy rye bread");
    await page.locator("#edit button.primary").click();
    await page.goto(`${url}/search?q=rye`);
    assert.deepEqual(await titles(page), ["Buy rye bread"]);
    await page.locator(".task .check").click();
    await page.goto(`${url}/completed`);
    assert.deepEqual(await titles(page), ["Buy rye bread"]);
    await page.locator(".task .check").click();
    await page.goto(`${url}/all`);
    await page.locator(".task .remove").click({ force: true });
    assert.deepEqual(await titles(page), []);
    await page.locator(".flash button").click();
    await page.goto(`${url}/all`);
    assert.deepEqual(await titles(page), ["Buy rye bread"]);
    await page.locator(".account button").click();
    assert.match(page.url(), /sign-in/);
    await leave(person);
  },

  async "signing in, a wrong password, changing it, and another device"(world) {
    const person = await join(world);
    const { page, url, email } = person;
    const phone = await open(world);
    await phone.page.goto(`${url}/sign-in?next=/inbox`);
    await phone.page.fill("[name=email]", email);
    await phone.page.fill("[name=password]", "not the password");
    await phone.page.click("button.primary");
    await phone.page.locator("#error").waitFor();
    assert.equal(await phone.page.inputValue("[name=email]"), email, "what was written stays");
    await phone.page.fill("[name=password]", PASSWORD);
    await phone.page.click("button.primary");
    await phone.page.waitForURL(`${url}/inbox`);

    await page.goto(`${url}/settings`);
    const devices = page.locator(".card", { hasText: "Devices" });
    assert.equal(await devices.locator("li").count(), 2);
    await page.fill("[name=current]", PASSWORD);
    await page.fill("[name=new]", "another sentence works");
    await page.locator("button", { hasText: "Change password" }).click();
    await page.waitForLoadState();
    await phone.page.goto(`${url}/inbox`);
    assert.match(phone.page.url(), /sign-in/, "the other device was signed out");
    await page.goto(`${url}/settings`);
    await page.fill("form[action='/settings/tokens'] [name=name]", "laptop");
    await page.locator("button", { hasText: "Create token" }).click();
    const secret = await page.locator(".once code").innerText();
    const answer = await fetch(`${url}/api/tasks`, { headers: { authorization: `Bearer ${secret}` } });
    assert.equal(answer.status, 200, "the token works");
    await page.goto(`${url}/settings`);
    assert.equal(await page.locator(".once code").count(), 0, "and is shown once only");
    await leave(phone);
    await leave(person);
  },

  async "an import is previewed, then done"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/settings`);
    await page.selectOption("form[enctype] [name=format]", "csv");
    const file = { name: "tasks.csv", mimeType: "text/csv", buffer: Buffer.from("title,priority\nFrom a file,high\nAnother one,low\n") };
    await page.setInputFiles("[name=file]", file);
    await page.locator("button", { hasText: "Preview" }).click();
    await page.locator(".once", { hasText: "From a file" }).waitFor();
    assert.equal((await (await page.request.get(`${url}/api/tasks`)).json()).total, 0, "nothing yet");
    await page.locator("button", { hasText: "Import now" }).click();
    await page.waitForLoadState();
    await page.goto(`${url}/all`);
    assert.deepEqual(new Set(await titles(page)), new Set(["From a file", "Another one"]));
    await leave(person);
  },
};
