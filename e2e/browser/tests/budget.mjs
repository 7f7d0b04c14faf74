// How much is loaded, and how fast it is there.
import assert from "node:assert/strict";

import { add, join, leave } from "../person.mjs";

export default {
  async "the first load is small and nothing comes from elsewhere"(world) {
    const person = await join(world);
    const { context, url, page } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "One tomorrow", "Two p1", "Three @label");
    const cookies = await context.cookies();
    const fresh = await world.browser.newContext();
    await fresh.addCookies(cookies);
    const tab = await fresh.newPage();
    const session = await fresh.newCDPSession(tab);
    await session.send("Network.enable");
    const kinds = new Map();
    let total = 0;
    let script = 0;
    session.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      total += encodedDataLength;
      if (kinds.get(requestId) === "Script") script += encodedDataLength;
    });
    await tab.goto(`${url}/today`, { waitUntil: "load" });
    await tab.waitForTimeout(300);
    console.log(`      first load ${total} bytes with headers, ${script} of them script`);
    assert.ok(total <= 40_000, `${total} bytes`);
    assert.ok(script <= 15_000, `${script} bytes of script`);
    const lcp = await tab.evaluate(
      () => new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({ type: "largest-contentful-paint", buffered: true })),
    );
    console.log(`      largest contentful paint after ${Math.round(lcp)} ms`);
    // Time is printed, not asserted: it depends on what else the machine does. That something was painted is asserted.
    assert.ok(lcp > 0, `${lcp} ms`);
    await fresh.close();
    await leave(person);
  },

  async "a second visit loads only the page"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/today`);
    await page.goto(`${url}/today`);
    const again = await page.evaluate(() =>
      performance.getEntriesByType("resource").filter(({ name, transferSize }) => name.includes("/assets/") && transferSize > 0).map(({ name }) => name),
    );
    assert.deepEqual(again, []);
    await leave(person);
  },
};
