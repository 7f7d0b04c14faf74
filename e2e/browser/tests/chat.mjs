// Talking to the assistant beside the list.
import assert from "node:assert/strict";

import { add, eventually, join, leave, titles } from "../person.mjs";

async function ask(page, text) {
  const before = await page.locator(".message:not(.mine) .engine").count();
  await page.locator(".composer textarea").fill(text);
  await page.locator(".composer textarea").press("Enter");
  await eventually(`an answer to “${text}”`, async () => {
    const refused = await page.locator(".message [role=alert]").allTextContents();
    if (refused.length) throw new Error(`refused: ${refused}`);
    return (await page.locator(".message:not(.mine) .engine").count()) > before;
  });
  return page.locator(".message:not(.mine)").last();
}

export default {
  async "adds by talking, shows the tool, undoes from the card, follows in the list"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    const answer = await ask(page, "add buy stamps tomorrow at 9am");
    const card = answer.locator(".card-tool");
    assert.match(await card.locator("summary").innerText(), /add task/);
    await card.locator("summary").click();
    assert.match(await card.locator("pre").first().innerText(), /stamps/i);
    await eventually("the list beside it", async () => (await titles(page)).some((title) => /stamps/i.test(title)));
    const spoken = await page.locator("[data-chat=spoken]").textContent();
    assert.ok(spoken && spoken.length > 3, "the whole answer is spoken once");
    await card.getByRole("button", { name: /Undo/ }).click();
    await eventually("the list after undo", async () => (await titles(page)).length === 0);
    await leave(person);
  },

  async "questions are answered by a click"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/inbox`);
    await add(page, "Call Ana", "Call Ben");
    await ask(page, "complete call");
    await page.locator(".choice").first().waitFor();
    assert.equal(await page.locator(".choice").count(), 2);
    await page.locator(".choice").first().click();
    await eventually("one completed", async () => (await titles(page)).length === 1);
    await leave(person);
  },

  async "conversations are kept, found, renamed and deleted"(world) {
    const person = await join(world);
    const { page, url } = person;
    await page.goto(`${url}/chat`);
    await ask(page, "what can you do?");
    await page.reload();
    await eventually("the conversation again", async () => (await page.locator(".message").count()) >= 2);
    await page.locator("[data-chat=new]").click();
    await page.locator(".welcome").waitFor();
    await page.locator("[data-chat=history]").click();
    const entry = page.locator(".past li").first();
    await entry.waitFor();
    await entry.locator("button").nth(1).click();
    await page.locator(".past li input").fill("About help");
    await page.keyboard.press("Enter");
    await page.locator(".past li", { hasText: "About help" }).waitFor();
    await page.locator(".past input[type=search]").fill("zebra");
    await page.locator(".past .hint").waitFor();
    await page.locator(".past input[type=search]").fill("about");
    await page.locator(".past li", { hasText: "About help" }).locator("button").nth(2).click();
    await page.locator("dialog.ask button").first().click();
    await page.locator(".past .hint").waitFor();
    await leave(person);
  },

  async "a broken answer says so and can be tried again"(world) {
    // What a service worker passes on may not meet the route.
    const person = await join(world, { serviceWorkers: "block" });
    const { page, url } = person;
    await page.goto(`${url}/chat`);
    await page.route("**/api/chat", (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: '{"detail":"Come back later"}' }));
    await page.locator(".composer textarea").fill("hello");
    await page.locator(".composer textarea").press("Enter");
    await page.locator(".message [role=alert]", { hasText: "Come back later" }).waitFor();
    await page.unroute("**/api/chat");
    await page.locator(".message [role=alert] button").click();
    await eventually("an answer", async () => (await page.locator(".message .engine").count()) > 0);
    await leave(person);
  },

  async "a stream that breaks is taken up again, once"(world) {
    // What a service worker passes on may not meet the route.
    const person = await join(world, { serviceWorkers: "block" });
    const { page, url } = person;
    await page.goto(`${url}/chat`);
    await page.route("**/api/chat", async (route) => {
      const answer = await route.fetch();
      const whole = await answer.text();
      const first = whole.slice(0, whole.indexOf("\n\n") + 2);
      await route.fulfill({ status: 200, headers: answer.headers(), body: first });
    });
    const answer = await ask(page, "add mend the bike");
    assert.match(await answer.locator(".text").innerText(), /bike/i);
    const { total } = await (await page.request.get(`${url}/api/tasks`)).json();
    assert.equal(total, 1);
    await leave(person);
  },
};
