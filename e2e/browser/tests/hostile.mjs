// Text that wants to be more than text, and forms that come from elsewhere.
import assert from "node:assert/strict";
import { createServer } from "node:http";

import { eventually, join, leave, titles } from "../person.mjs";

const TITLES = [
  "<script>window.hit=1</script>",
  "\"><img src=x onerror=window.hit=1>",
  "</li></ul><svg onload=window.hit=1>",
  "\u202Egnp.exe \u2066tricky\u2069",
  `combining ${"e" + "\u0301".repeat(150)}`,
  "{{constructor.constructor('window.hit=1')()}}",
  "'; DROP TABLE tasks; --",
];

export default {
  async "hostile titles and notes stay text"(world) {
    const person = await join(world);
    const { page, url, faults } = person;
    for (const title of TITLES) {
      const description = `${"e" + "\u0301".repeat(4000)}\n<img src=x onerror=window.hit=1>\n[a](javascript:window.hit=1) [b](data:text/html,<script>window.hit=1</script>)`;
      const answer = await page.request.post(`${url}/api/tasks`, { data: { title, description }, headers: { origin: url } });
      assert.ok(answer.status() === 201 || answer.status() === 422, `${answer.status()} for ${title}`);
    }
    await page.goto(`${url}/inbox`);
    assert.ok((await titles(page)).length >= TITLES.length - 2);
    for (const number of [1, 2, 3]) {
      await page.goto(`${url}/task/${number}`);
      for (const link of await page.locator(".prose a").all()) await link.click({ noWaitAfter: true }).catch(() => {});
    }
    await page.goto(`${url}/search?q=${encodeURIComponent(TITLES[1])}`);
    await page.locator("#chat .composer textarea").fill("add <img src=x onerror=window.hit=1>");
    await page.locator("#chat .composer textarea").press("Enter");
    await eventually("an answer", async () => (await page.locator(".message .engine").count()) > 0);
    assert.equal(await page.evaluate(() => window.hit), undefined);
    assert.deepEqual(faults, [], "no report of a broken policy either");
    await leave(person);
  },

  async "a form on another site is refused"(world) {
    const person = await join(world);
    const { page, url } = person;
    const evil = createServer((_, answer) => {
      answer.setHeader("content-type", "text/html");
      answer.end(`<form method="post" action="${url}/tasks"><input name="text" value="Planted"></form><script>document.forms[0].submit()</script>`);
    });
    await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
    const other = await person.context.newPage();
    const refused = other.waitForResponse((answer) => answer.url() === `${url}/tasks`);
    await other.goto(`http://127.0.0.1:${evil.address().port}/`).catch(() => {});
    assert.equal((await refused).status(), 403);
    evil.close();
    await page.goto(`${url}/all`);
    assert.deepEqual(await titles(page), []);
    await person.context.close();
  },

  async "the policy forbids what is inline"(world) {
    const person = await join(world);
    const { page, faults } = person;
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.hit = 1";
      document.body.append(script);
    });
    assert.equal(await page.evaluate(() => window.hit), undefined);
    assert.ok(faults.length > 0, "the browser reported it");
    await person.context.close();
  },
};
