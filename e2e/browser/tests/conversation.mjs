// A conversation over time: what answers look like, what was undone stays so, answers that outlive the page, and the past ones.
import assert from "node:assert/strict";

import { eventually, join, leave, titles } from "../person.mjs";

async function ask(page, text) {
  const before = await page.locator(".message:not(.mine) .engine").count();
  await page.locator(".composer textarea").fill(text);
  await page.locator(".composer textarea").press("Enter");
  await eventually(`an answer to “${text}”`, async () => (await page.locator(".message:not(.mine) .engine").count()) > before);
  return page.locator(".message:not(.mine)").last();
}

/** An answer as the server would stream it. */
const stream = (text) =>
  [
    ["run_started", { run_id: "00000000-0000-0000-0000-000000000001", conversation_id: null }],
    ...text.match(/[^]{1,7}/g).map((delta) => ["text_delta", { delta }]),
    ["done", { answer: { response: text, model: "maker/model-1", status: "completed" } }],
  ]
    .map(([name, data], index) => `id: ${index + 1}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
    .join("");

const MARKDOWN = `# Plan

Some _em_, __strong__ and snake_case_words, see https://example.org/a_b?c=1.

- one
  - inner
    goes on
- [x] two

1. first

2. second

| day | what |
|-----|------|
| Mon | **run** |

> quoted
> twice

---

\`\`\`js
const a = "*b*";
\`\`\`
[site](https://example.org) [task](/task/1) [bad](javascript:alert)`;

export default {
  async "answers are set as Markdown, from whatever model"(world) {
    // What a service worker passes on may not meet the route.
    const person = await join(world, { serviceWorkers: "block" });
    const { page, url } = person;
    await page.goto(`${url}/chat`);
    await page.route("**/api/chat", (route) => route.fulfill({ status: 200, contentType: "text/event-stream", body: stream(MARKDOWN) }));
    const answer = await ask(page, "a plan");
    assert.equal(await answer.locator(".engine").innerText(), "maker/model-1");
    const text = answer.locator(".text");
    const inner = (selector) => text.locator(selector).allInnerTexts();
    assert.deepEqual(await inner("em"), ["em"]);
    assert.deepEqual(await inner("strong"), ["Plan", "strong", "run"]);
    assert.match(await text.innerText(), /snake_case_words/);
    assert.deepEqual(await inner("li > ul > li"), ["inner\ngoes on"]);
    assert.equal(await text.locator(":scope > ul > li").nth(1).innerText(), "☑ two");
    assert.equal(await text.locator(":scope > ol").count(), 1, "a blank line ends no list");
    assert.deepEqual(await inner("ol > li"), ["first", "second"]);
    assert.deepEqual(await inner("th"), ["day", "what"]);
    assert.deepEqual(await inner("td"), ["Mon", "run"]);
    assert.deepEqual(await inner("blockquote"), ["quoted\ntwice"]);
    assert.equal(await text.locator("hr").count(), 1);
    assert.equal(await text.locator("pre").innerText(), 'const a = "*b*";\n');
    const links = await text.locator("a").evaluateAll((all) => all.map((link) => [link.getAttribute("href"), link.target]));
    assert.deepEqual(links, [["https://example.org/a_b?c=1", "_blank"], ["https://example.org", "_blank"], ["/task/1", ""], ["#", ""]]);
    await leave(person);
  },

  async "what was undone is not offered again, and the keyboard stays"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    const answer = await ask(page, "add buy stamps");
    const undo = answer.locator(".card-tool").getByRole("button", { name: /Undo/ });
    await undo.focus();
    await page.keyboard.press("Enter");
    await undo.waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "SUMMARY");
    await eventually("undone", async () => (await titles(page)).length === 0);
    await ask(page, "add post the letter");
    await page.reload();
    await page.locator(".card-tool").nth(1).waitFor();
    const offered = () => page.locator(".card-tool").evaluateAll((cards) => cards.map((each) => each.querySelectorAll("button").length));
    await eventually("undo on the second only", async () => (await offered()).join() === "0,1");
    await leave(person);
  },

  async "an answer that was under way when the page was left is shown on the next"(world) {
    const person = await join(world, { serviceWorkers: "block" });
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    // The connection stands still after the first event, as with a slow model.
    await page.route("**/api/chat", async (route) => {
      const answer = await route.fetch();
      const whole = await answer.text();
      await route.fulfill({ status: 200, headers: answer.headers(), body: whole.slice(0, whole.indexOf("\n\n") + 2) });
    });
    let waits = false;
    await page.route("**/api/chat/runs/*/events", () => {
      waits = true;
    });
    await page.locator(".composer textarea").fill("add mend the bike");
    await page.locator(".composer textarea").press("Enter");
    await eventually("waiting for the rest", () => waits);
    await page.unroute("**/api/chat/runs/*/events");
    // Nor has the server stored it yet.
    await page.route("**/api/conversations/*/messages*", async (route) => {
      const answer = await route.fetch();
      const { messages, ...rest } = await answer.json();
      await route.fulfill({ json: { ...rest, messages: messages.filter(({ role }) => role === "user") } });
    });
    await page.goto(`${url}/chat`);
    await page.locator(".message:not(.mine) .engine").waitFor();
    assert.equal(await page.locator(".message").count(), 2);
    assert.match(await page.locator(".message:not(.mine)").innerText(), /add task[^]*bike/i);
    const { total } = await (await page.request.get(`${url}/api/tasks`)).json();
    assert.equal(total, 1, "and nothing was done twice");
    await leave(person);
  },

  async "past conversations come and go"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await ask(page, "help");
    const history = page.locator("[data-chat=history]");
    await history.click();
    await page.locator(".past li button").nth(1).click();
    await page.locator(".past li input").fill("Not this");
    await page.keyboard.press("Escape");
    await page.locator(".past li", { hasText: "help" }).waitFor();
    assert.equal(await page.locator(".past li", { hasText: "Not this" }).count(), 0, "Escape keeps the name");
    await history.click();
    await page.locator(".message.mine", { hasText: "help" }).waitFor();
    await history.click();
    await page.locator(".past").waitFor();
    await ask(page, "what is due today?");
    await eventually("the conversation goes on", async () => (await page.locator(".message.mine").allInnerTexts()).length === 2);
    await leave(person);
  },
};
