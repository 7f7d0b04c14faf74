// axe on every page and state in both themes; the keyboard alone; zoom and narrow screens.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { add, eventually, join, leave, open, titles } from "../person.mjs";

const AXE = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** The violations on the page as it stands. */
async function violations(page) {
  // Run outside the page's own policy, which rightly refuses injected scripts.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(" | ")}`);
  });
  return found;
}

const PAGES = ["today", "upcoming", "inbox", "all", "completed", "search?q=milk", "search?q=nothing-like-it", "chat", "history", "stats", "settings"];

async function axe(world, options) {
  const person = await join(world, options);
  const { page, url } = person;
  const found = {};
  const check = async (name) => {
    const list = await violations(page);
    if (list.length) found[name] = list;
  };
  await check("an empty list");
  await page.goto(`${url}/all`);
  await add(page, "Buy milk tomorrow p1 @shop #Home", "Water the plants every day", "Read");
  for (const path of PAGES) {
    await page.goto(`${url}/${path}`);
    await check(path);
  }
  await page.goto(`${url}/inbox`);
  await page.fill("#text", "Call Ana friday p2 @phone");
  await page.locator(".chip").first().waitFor();
  await check("quick add");
  await page.fill("#text", "");
  await page.locator(".task .check").last().click();
  await page.locator(".toast").waitFor();
  await check("a notice");
  await page.locator(".task .title").first().click();
  await page.locator("dialog.sheet").waitFor();
  await check("one task");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.locator("dialog.palette").waitFor();
  await check("the palette");
  await page.keyboard.press("Escape");
  for (const place of ["/label/shop", await page.locator("#side a[href^='/project/']").getAttribute("href")]) {
    await page.goto(`${url}${place}`);
    await page.locator("#main details.tools summary").first().click();
    await check("the form to rename");
  }
  if (!options.isMobile) {
    for (const plus of await page.locator("#side details.make summary").all()) await plus.click();
    await check("the forms of the side");
    await page.goto(`${url}/inbox`);
    await page.locator("#main h1").click();
    await page.keyboard.press("?");
    await page.locator("dialog.help").waitFor();
    await check("the map of keys");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("s");
    await page.locator(".bulk").waitFor();
    await check("several selected");
  } else {
    await page.goto(`${url}/inbox`);
    await page.locator("#select").click();
    await page.locator(".bulk").waitFor();
    await check("choosing several");
    await page.goto(`${url}/inbox#side`);
    for (const plus of await page.locator("#side details.make summary").all()) await plus.click();
    await check("the menu");
  }
  await page.goto(`${url}/no-such-project`);
  await page.goto(`${url}/task/4711`);
  await check("not found");
  const stranger = await open(world, options);
  for (const path of ["sign-in", "sign-up", "offline"]) {
    await stranger.page.goto(`${url}/${path}`);
    const list = await violations(stranger.page);
    if (list.length) found[path] = list;
  }
  await leave(stranger);
  assert.deepEqual(found, {});
  await leave(person);
}

export default {
  "axe, light": (world) => axe(world, { colorScheme: "light" }),
  "axe, dark": (world) => axe(world, { colorScheme: "dark" }),
  "axe, a phone": (world) => axe(world, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }),
  "axe, right to left": (world) => axe(world, { locale: "ur-PK" }),

  async "the keyboard alone"(world) {
    const person = await open(world);
    const { page, url } = person;
    const { keyboard } = page;
    await page.goto(`${url}/sign-up`);
    await keyboard.type("Ana");
    await keyboard.press("Tab");
    await keyboard.type(`keys-${Date.now()}@example.org`);
    await keyboard.press("Tab");
    await keyboard.type("a sentence works well");
    await keyboard.press("Enter");
    await page.waitForURL(`${url}/today`);
    await keyboard.press("q");
    await keyboard.type("First today");
    await keyboard.press("Enter");
    await eventually("the task", async () => (await titles(page)).includes("First"));
    await keyboard.type("Second p1");
    await keyboard.press("Enter");
    await eventually("both tasks", async () => (await page.locator(".task[data-id]").count()) === 2);
    await keyboard.press("Escape");
    await keyboard.press("j");
    const held = await page.evaluate(() => document.activeElement?.textContent);
    await keyboard.press("e");
    await keyboard.press("Control+a");
    await keyboard.type("Renamed");
    await keyboard.press("Enter");
    await eventually("the new title", async () => (await titles(page)).includes("Renamed") && !(await titles(page)).includes(held));
    await keyboard.press("d");
    await page.locator("dialog.ask").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("2");
    await eventually("moved to tomorrow", async () => !(await titles(page)).includes("Renamed"));
    await keyboard.press("z");
    await eventually("undone", async () => (await titles(page)).includes("Renamed"));
    await keyboard.press("g");
    await keyboard.press("i");
    await page.waitForURL(`${url}/inbox`);
    await keyboard.press("j");
    await keyboard.press("x");
    await eventually("completed", async () => (await titles(page)).length === 1);
    await keyboard.press("j");
    await keyboard.press("Enter");
    await page.locator("dialog.sheet").waitFor();
    await keyboard.press("Escape");
    await keyboard.press("Control+k");
    await page.locator("dialog.palette").waitFor();
    await keyboard.type("settings");
    await keyboard.press("Enter");
    await page.waitForURL(`${url}/settings`);
    await keyboard.press("/");
    await keyboard.type("nothing like it");
    await page.waitForURL(/search/);
    await leave(person);
  },

  async "single keys can be switched off"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/settings`);
    await page.selectOption("[name=keys]", "off");
    await page.locator("form[action='/settings/device'] button").click();
    await page.waitForLoadState();
    await page.goto(`${url}/today`);
    await page.locator("#main h1").click();
    await page.keyboard.press("?");
    await page.waitForTimeout(300);
    assert.equal(await page.locator("dialog").count(), 0);
    await page.keyboard.press("Control+k");
    await page.locator("dialog.palette").waitFor();
    await leave(person);
  },

  async "320 pixels and 200 % lose nothing"(world) {
    const person = await join(world, { viewport: { width: 320, height: 640 } });
    const { page, url } = person;
    await page.goto(`${url}/all`);
    await add(page, "A rather long title that has to wrap on a narrow screen, with a verylongwordthatcannotbebrokenanywhereatallinitsmiddle p1 @label #Project");
    for (const path of [...PAGES, "task/1"]) {
      await page.goto(`${url}/${path}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      const who = await page.evaluate(() =>
        [...document.querySelectorAll("main *")]
          .filter((e) => e.getBoundingClientRect().right > 320)
          .map((e) => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`)
          .join("; "),
      );
      assert.ok(wide <= 320, `${path} is ${wide} pixels wide: ${who}`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${url}/today`);
    await page.evaluate(() => {
      document.documentElement.style.fontSize = "200%";
    });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 1280, `${wide}`);
    await leave(person);
  },
};
