// Lists longer than a page, and how little of them is read and touched again.
import assert from "node:assert/strict";

import { bring, eventually, join, leave, titles } from "../person.mjs";

/** So many tasks of one day, made through the API. */
const fill = (person, count, day = "") => bring(person, "title,due_date", ...Array.from({ length: count }, (_, n) => `Task ${n},${day}`));

/** Marks the elements of the rows that are there; tells how many of those are still on the list. */
const mark = (page) => page.evaluate(() => document.querySelectorAll("#list .task").forEach((row) => { row.known = true; }));
const known = (page) => page.evaluate(() => [...document.querySelectorAll("#list .task")].filter((row) => row.known).length);

/** Completes the task of that title, as another device does. */
async function complete({ page, url }, title) {
  const { tasks } = await (await page.request.get(`${url}/api/tasks?search=${encodeURIComponent(title)}`)).json();
  const { id } = tasks.find((task) => task.title === title);
  const answer = await page.request.post(`${url}/api/tasks/${id}/complete`, { headers: { origin: url } });
  assert.ok(answer.ok(), await answer.text());
}

export default {
  async "fifty more come below, and what changes elsewhere keeps them"(world) {
    const person = await join(world);
    const { page, url } = person;
    await fill(person, 120);
    await page.goto(`${url}/all`);
    assert.equal((await titles(page)).length, 50);
    await mark(page);
    const asked = [];
    page.on("request", (request) => request.headers()["x-todo-script"] && request.url().startsWith(`${url}/all`) && asked.push(new URL(request.url())));
    await page.locator("#more").focus();
    await page.keyboard.press("Enter");
    await eventually("a hundred", async () => (await titles(page)).length === 100);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "more", "whoever pressed it can press it again");
    assert.deepEqual(asked.map(({ searchParams }) => [searchParams.has("cursor"), searchParams.has("n")]), [[true, false]], "only the next page is read");
    assert.equal(await known(page), 50, "what was there is not made anew");
    await page.locator("#more").click();
    await eventually("all", async () => (await titles(page)).length === 120);
    assert.equal(await page.locator("#more").count(), 0);
    assert.equal(new Set(await titles(page)).size, 120, "each once");
    await mark(page);
    const gone = (await titles(page))[110];
    await complete(person, gone);
    await eventually("one less", async () => (await titles(page)).length === 119);
    assert.ok(!(await titles(page)).includes(gone));
    assert.equal(await known(page), 119, "the others are the rows that they were");
    await leave(person);
  },

  async "a heading goes on over the next page"(world) {
    const person = await join(world);
    const { page, url } = person;
    await fill(person, 60, "2099-01-02");
    await page.goto(`${url}/upcoming`);
    assert.equal(await page.locator("#list .group .count").innerText(), "50");
    await page.locator("#more").click();
    await eventually("all", async () => (await titles(page)).length === 60);
    assert.equal(await page.locator("#list .group").count(), 1);
    assert.equal(await page.locator("#list .group .count").innerText(), "60");
    await leave(person);
  },

  async "completing one touches no other row"(world) {
    const person = await join(world);
    const { page, url } = person;
    await fill(person, 50);
    await page.goto(`${url}/all`);
    await page.evaluate(() => {
      globalThis.came = [];
      globalThis.went = [];
      const ids = (nodes) => [...nodes].map((node) => node.id ?? node.nodeName);
      new MutationObserver((changes) => {
        for (const { addedNodes, removedNodes } of changes) {
          globalThis.came.push(...ids(addedNodes));
          globalThis.went.push(...ids(removedNodes));
        }
      }).observe(document.getElementById("list"), { childList: true, subtree: true, characterData: true });
    });
    const row = page.locator("#list .task").nth(3);
    const id = await row.getAttribute("id");
    await row.locator(".check").click();
    await eventually("one less", async () => (await titles(page)).length === 49);
    await page.waitForTimeout(300);
    assert.deepEqual(await page.evaluate(() => [globalThis.came, globalThis.went]), [[], [id]]);
    await leave(person);
  },

  async "one that goes down the list takes no other with it"(world) {
    const person = await join(world);
    const { page, url } = person;
    await fill(person, 40, "2099-01-02");
    await page.goto(`${url}/all?sort=due`);
    const first = (await titles(page))[0];
    await mark(page);
    const moved = page.evaluate(
      () =>
        new Promise((resolve) => {
          const seen = new Set();
          new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => node.id && seen.add(node.id)))).observe(document.getElementById("list"), { childList: true, subtree: true });
          document.addEventListener("todo:shown", () => resolve(seen.size), { once: true });
        }),
    );
    const { tasks } = await (await page.request.get(`${url}/api/tasks?search=${encodeURIComponent(first)}`)).json();
    const { id } = tasks.find((task) => task.title === first);
    const answer = await page.request.patch(`${url}/api/tasks/${id}`, { data: { due_date: "2099-01-03" }, headers: { origin: url } });
    assert.ok(answer.ok(), await answer.text());
    assert.ok((await moved) <= 1, `${await moved} rows were moved`);
    assert.equal((await titles(page)).at(-1), first);
    assert.equal(await known(page), 40, "nor is any made anew");
    await leave(person);
  },
};
