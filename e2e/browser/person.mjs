// A person at a browser.
import assert from "node:assert/strict";

let people = 0;

export const PASSWORD = "a sentence works well";

/** Opens a browser context that notes whatever must not happen: errors of scripts, violations of the policy, foreign requests. */
export async function open({ browser, url }, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", timezoneId: "Europe/Paris", reducedMotion: "reduce", ...options });
  const faults = [];
  const watch = (page) => {
    page.setDefaultTimeout(8000);
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && !/Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(text)) faults.push(`console: ${text}`);
    });
    page.on("request", (request) => {
      const target = new URL(request.url());
      if (target.protocol.startsWith("http") && target.origin !== new URL(url).origin) faults.push(`foreign request: ${request.url()}`);
    });
  };
  context.on("page", watch);
  const page = await context.newPage();
  return { context, page, faults, url };
}

/** Makes an account through the form and arrives at today's list. */
export async function join(world, options = {}) {
  const person = await open(world, options);
  const { page, url } = person;
  person.email = `person${++people}-${Date.now()}@example.org`;
  await page.goto(`${url}/sign-up`);
  await page.fill("[name=name]", "Ana Example");
  await page.fill("[name=email]", person.email);
  await page.fill("[name=password]", PASSWORD);
  await page.click("button.primary");
  await page.waitForURL(`${url}/today`);
  return person;
}

/** Adds tasks by their sentences, to a list that shows them. */
export async function add(page, ...lines) {
  for (const line of lines) {
    const before = await page.locator("#main .task[data-id]").count();
    await page.fill("#text", line);
    await page.press("#text", "Enter");
    await eventually(`“${line}” on the list`, async () => (await page.locator("#main .task[data-id]").count()) > before);
  }
}

/** Brings the rows of a table in, the names of its columns first, as an import does. */
export async function bring({ page, url }, ...rows) {
  const headers = { origin: url, "content-type": "application/octet-stream", "idempotency-key": crypto.randomUUID() };
  const answer = await page.request.post(`${url}/api/import?format=csv&dry_run=false`, { data: rows.join("\n"), headers });
  assert.equal(answer.status(), 200, await answer.text());
}

/** Waits for what drags: it is loaded when it is first wanted, and a test is quicker than a hand. */
export async function dragLoaded(page) {
  const came = page.waitForResponse(/\/move\.js$/);
  await page.locator(".task .grip").first().focus();
  await (await came).finished();
  await page.waitForTimeout(300);
}

/** The titles on the list. */
export const titles = (page) => page.locator("#main .task .title").allTextContents();

/** Waits until something holds. */
export async function eventually(what, check, within = 4000) {
  const end = Date.now() + within;
  let last;
  while (Date.now() < end) {
    try {
      if (await check()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw last ?? new Error(`${what} did not happen within ${within} ms`);
}

/** Nothing happened that must not. */
export async function leave(person) {
  await person.context.close();
  assert.deepEqual(person.faults, []);
}
