// Dragging in a list that is longer than the window, giving it up, and by touch.
import assert from "node:assert/strict";

import { add, bring, dragLoaded, eventually, join, leave, titles } from "../person.mjs";

const HALF = 10;

/** Takes the grip of a row. */
async function grip(page, row) {
  await row.scrollIntoViewIfNeeded();
  await row.hover();
  const box = await row.locator(".grip").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y - HALF, { steps: 2 });
  return { x, y };
}

export default {
  async "at the edge the page moves along, and Escape puts back"(world) {
    const person = await join(world);
    const { page, url } = person;
    await bring(person, "title", ...Array.from({ length: 45 }, (_, n) => `Task ${n}`));
    await page.goto(`${url}/inbox`);
    await dragLoaded(page);
    const before = await titles(page);
    const row = page.locator("#main .task").last();
    const { x } = await grip(page, row);
    await page.mouse.move(x, 20, { steps: 5 });
    await eventually("the top", () => page.evaluate(() => scrollY === 0), 20000);
    await eventually("the first place", async () => (await titles(page))[0] === before[44]);
    await page.keyboard.press("Escape");
    await page.mouse.up();
    await page.waitForTimeout(300);
    assert.deepEqual(await titles(page), before, "put back");
    await page.reload();
    assert.deepEqual(await titles(page), before, "nothing was sent");

    await dragLoaded(page);
    const again = await grip(page, page.locator("#main .task").last());
    await page.mouse.move(again.x, 20, { steps: 5 });
    await eventually("the first place", async () => (await titles(page))[0] === before[44], 20000);
    const kept = page.waitForResponse((answer) => answer.request().method() === "POST" && /\/tasks\//.test(answer.url()));
    await page.mouse.up();
    assert.ok((await kept).ok());
    await page.reload();
    assert.equal((await titles(page))[0], before[44], "kept");
    await leave(person);
  },

  async "a press that is over before what drags has come moves nothing"(world) {
    const person = await join(world, { serviceWorkers: "block" });
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "A", "B", "C");
    const before = await titles(page);
    await page.route("**/move.js", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    const came = page.waitForResponse(/\/move\.js$/);
    const row = page.locator("#main .task").last();
    await row.hover();
    const box = await row.locator(".grip").boundingBox();
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await (await came).finished();
    await page.waitForTimeout(300);
    await page.mouse.move(box.x, 100, { steps: 5 });
    assert.equal(await page.locator(".task.drag").count(), 0);
    assert.deepEqual(await titles(page), before);
    await leave(person);
  },

  async "with a finger on the grip"(world) {
    const person = await join(world, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const { page, url, context } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "A", "B", "C");
    await dragLoaded(page);
    const [first, second, third] = await titles(page);
    const from = await page.locator(".task .grip").nth(2).boundingBox();
    const to = await page.locator(".task").first().boundingBox();
    const session = await context.newCDPSession(page);
    const touch = (type, y) => session.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x: from.x + 8, y }] });
    const begin = from.y + from.height / 2;
    await touch("touchStart", begin);
    for (let step = 1; step <= 6; step++) await touch("touchMove", begin + ((to.y - 2 - begin) * step) / 6);
    await touch("touchEnd");
    await eventually("the new order", async () => (await titles(page)).join() === [third, first, second].join());
    assert.equal(await page.locator(".bulk").count(), 0, "a drag chooses nothing");
    await leave(person);
  },
};
