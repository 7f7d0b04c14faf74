// The customs of the reader: sentences in the language of the browser, its zone, its order of dates, its week.
import assert from "node:assert/strict";

import { add, eventually, join, leave, titles } from "../person.mjs";

const SENTENCES = {
  "de-DE": ["Müll rausbringen morgen p1 @zuhause", "morgen", "Müll rausbringen", "alle 2 Wochen"],
  "es-ES": ["Comprar leche mañana p1 @casa", "mañana", "Comprar leche", "cada 2 semanas"],
  "ur-PK": ["دودھ خریدنا کل p1 @گھر", "کل", "دودھ خریدنا", "ہر 2 ہفتے"],
};

const settings = (page) => page.evaluate(() => Object.fromEntries(["timezone", "date_order", "week_start", "locale"].map((name) => [name, document.querySelector(`[name=${name}]`)?.value])));

async function understands(world, locale) {
  const [sentence, day, title, repeat] = SENTENCES[locale];
  const person = await join(world, { locale });
  const { page, url } = person;
  await page.goto(`${url}/inbox`);
  await page.fill("#text", sentence);
  await page.locator(".chip").nth(2).waitFor();
  const chips = () => page.locator(".chip span").allTextContents();
  assert.equal((await chips())[0], day);
  // The mark lies under the words that it marks.
  const { left, right, width } = await page.evaluate(() => {
    const [mark, field] = [document.querySelector(".marks mark"), document.querySelector("#text")].map((node) => node.getBoundingClientRect());
    return { left: mark.left - field.left, right: field.right - mark.right, width: mark.width };
  });
  assert.ok(left >= 0 && right >= 0 && width > 8, `${left} ${right} ${width}`);
  await page.locator(".chip").first().click();
  await eventually("the day is text now", async () => (await chips()).length === 2);
  await page.fill("#text", sentence);
  await page.locator(".chip").nth(2).waitFor();
  await page.press("#text", "Enter");
  await eventually("the task", async () => (await titles(page)).includes(title));
  await page.goto(`${url}/upcoming`);
  assert.deepEqual(await titles(page), [title]);
  await page.locator(".task .title").click();
  await page.locator("#edit [name=recurrence]").fill(repeat);
  await page.locator("#edit button.primary").click();
  await eventually("the rule", async () => {
    const { tasks } = await (await page.request.get(`${url}/api/tasks`)).json();
    return /FREQ=WEEKLY;INTERVAL=2/.test(tasks[0]?.recurrence ?? "");
  });
  await page.goto(`${url}/task/1`);
  assert.equal(await page.inputValue("#edit [name=recurrence]"), repeat, "in the reader's words");
  await leave(person);
}

export default {
  "sentences in German": (world) => understands(world, "de-DE"),
  "sentences in Spanish": (world) => understands(world, "es-ES"),
  "sentences in Urdu": (world) => understands(world, "ur-PK"),

  async "the profile is saved while the language follows the browser, and dates move to the new zone"(world) {
    const person = await join(world, { locale: "en-US", timezoneId: "America/Los_Angeles" });
    const { page, url } = person;
    await page.goto(`${url}/all`);
    await add(page, "Meet 12/3/2099 5pm");
    const due = () => page.locator("#main .task .due").innerText();
    assert.match(await due(), /Dec 3, 2099 5:00 PM/);
    await page.goto(`${url}/settings`);
    await page.fill("[name=timezone]", "Asia/Tokyo");
    await page.locator("form[action='/settings/profile'] button.primary").click();
    await page.locator(".flash").waitFor();
    assert.equal((await settings(page)).timezone, "Asia/Tokyo");
    await page.goto(`${url}/all`);
    assert.match(await due(), /Dec 4, 2099 10:00 AM/);
    await page.goto(`${url}/settings`);
    await page.selectOption("[name=locale]", "de");
    await page.locator("form[action='/settings/profile'] button.primary").click();
    await page.locator("html[lang=de] .flash").waitFor();
    await page.selectOption("[name=locale]", "");
    await page.locator("form[action='/settings/profile'] button.primary").click();
    await page.locator("html[lang=en] .flash").waitFor();
    await leave(person);
  },

  async "statistics count what was done in each project and what was overdue each day"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/all`);
    await add(page, "Late 2020-01-02 #Home", "Later 2020-01-03 #Home", "Done #Home");
    await page.locator("#main .task", { hasText: "Done" }).locator(".check").click();
    await eventually("two left", async () => (await titles(page)).length === 2);
    await page.goto(`${url}/stats`);
    const home = page.locator(".shares li", { hasText: "Home" });
    assert.match(await home.innerText(), /1 \/ 3/);
    await page.locator("summary", { hasText: "As a table" }).click();
    const today = page.locator("tbody tr").first();
    assert.deepEqual(await today.locator("td").allInnerTexts(), ["1", "2"]);
    await leave(person);
  },

  async "an account begins with the customs of its browser"(world) {
    for (const [locale, timezoneId, date_order, week_start] of [
      ["en-US", "America/New_York", "mdy", "sunday"],
      ["de-DE", "Europe/Berlin", "dmy", "monday"],
      ["en-CA", "America/Toronto", "ymd", "sunday"],
    ]) {
      const person = await join(world, { locale, timezoneId });
      const { page, url } = person;
      await page.goto(`${url}/settings`);
      assert.deepEqual(await settings(page), { timezone: timezoneId, date_order, week_start, locale: "" });
      await leave(person);
    }
  },
};
