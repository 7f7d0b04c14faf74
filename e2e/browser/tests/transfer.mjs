// Files in and out: what a preview says, in every format, and that what goes out comes in again.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { add, join, leave, titles } from "../person.mjs";

const CSV = `title,priority,due_date
Good,high,2099-12-01
Bad,bogus,
,low,
`;

async function preview(page, url, format, buffer) {
  await page.goto(`${url}/settings`);
  await page.selectOption("form[enctype] [name=format]", format);
  await page.setInputFiles("[name=file]", { name: "file", mimeType: "application/octet-stream", buffer });
  await page.locator("form[enctype] button.primary").last().click();
  await page.locator(".once, [role=alert]:not(:empty)").first().waitFor();
}

const confirm = (page) => page.locator(".once button.primary").click();

export default {
  async "a preview names what comes and what is left out, and why"(world) {
    const person = await join(world);
    const { page, url } = person;
    await preview(page, url, "csv", Buffer.from(CSV));
    assert.deepEqual(await page.locator(".once li").allInnerTexts(), [
      "1 task",
      "Good",
      "Line 3 is left out: `bogus` is no priority; use none, low, medium, high or urgent.",
      "Line 4 is left out: `title` is required.",
    ]);
    await confirm(page);
    await page.waitForLoadState();
    assert.equal((await page.locator(".once li").allInnerTexts())[0], "1 task");
    assert.doesNotMatch(await page.locator(".once").innerText(), /[0-9a-f]{8}-[0-9a-f]{4}/, "nothing for machines");
    await preview(page, url, "json", Buffer.from("{]"));
    assert.match((await page.locator("[role=alert]").allInnerTexts()).join(), /can't be read/);
    await leave(person);
  },

  async "what goes out comes in again"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/all`);
    await add(page, "Plain", "Comma, \"quotes\" & ünï €", "Meet 2099-02-03 17:00 p1 @phone");
    const before = (await titles(page)).sort();
    for (const format of ["json", "csv", "ics", "todoist", "taskwarrior"]) {
      await page.goto(`${url}/settings`);
      const [download] = await Promise.all([page.waitForEvent("download"), page.locator(`a[href='/api/export?format=${format}']`).click()]);
      const file = await readFile(await download.path());
      const other = await join(world);
      await preview(other.page, url, format, file);
      assert.match(await other.page.locator(".once").innerText(), /^.*\n+3 tasks/, format);
      await confirm(other.page);
      await other.page.locator(".once button").waitFor({ state: "detached" });
      await other.page.goto(`${url}/all`);
      assert.deepEqual((await titles(other.page)).sort(), before, format);
      await leave(other);
    }
    await leave(person);
  },
};
