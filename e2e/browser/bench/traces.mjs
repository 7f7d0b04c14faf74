// What the browser itself notes: bytes on the wire, paints, events and long tasks.

async function visit(browser, url, person, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await context.addCookies(person.cookies(url));
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const foreign = [];
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (target.protocol.startsWith("http") && target.origin !== url) foreign.push(request.url());
  });
  await page.addInitScript(() => {
    globalThis.noted = { tasks: [], events: [], lcp: 0 };
    const follow = (type, note, more = {}) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...more });
    follow("longtask", ({ duration }) => globalThis.noted.tasks.push(duration));
    follow("event", ({ duration, name, interactionId }) => interactionId && globalThis.noted.events.push([name, duration]), { durationThreshold: 16 });
    follow("largest-contentful-paint", ({ startTime }) => { globalThis.noted.lcp = startTime; });
  });
  return { context, page, session, foreign };
}

/** A first visit to the list of 50 tasks, nothing in the cache. */
export async function firstLoad(browser, url, person) {
  const loads = [];
  for (let round = 0; round < 5; round++) {
    const { context, page, session, foreign } = await visit(browser, url, person);
    const kinds = new Map();
    const load = { bytes: 0, script: 0 };
    await session.send("Network.enable");
    session.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      load.bytes += encodedDataLength;
      if (kinds.get(requestId) === "Script") load.script += encodedDataLength;
    });
    await page.goto(`${url}/all`, { waitUntil: "load" });
    await page.waitForTimeout(500);
    const { lcp, tasks } = await page.evaluate(() => globalThis.noted);
    loads.push({ ...load, lcp, longest: Math.max(0, ...tasks), foreign: foreign.length });
    await context.close();
  }
  const middle = (name) => loads.map((load) => load[name]).sort((a, b) => a - b)[2];
  return { bytes: middle("bytes"), script: middle("script"), lcp: middle("lcp"), longest: middle("longest"), foreign: Math.max(...loads.map(({ foreign }) => foreign)) };
}

/** Counts from now on the tasks that are opened, by the requests for them: nothing runs in the page for it. */
function opened(page) {
  const seen = new Set();
  page.on("requestfinished", (request) => new URL(request.url()).pathname.startsWith("/task/") && seen.add(request.url()));
  return () => seen.size;
}

/** Brings the nth element of a selector into view, in the page, and answers where it is. */
function bring([selector, n]) {
  const element = document.querySelectorAll(selector)[n];
  element.scrollIntoView({ block: "nearest" });
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x, y, width, height };
}

/**
 * What a person does, with the processor slowed four times. Places are looked up beforehand and pressed by the mouse alone, so that
 * nothing of the test runs in the page while it is measured; locators of Playwright would leave listeners of theirs in it.
 */
export async function interactions(browser, url, person) {
  const { context, page, session, foreign } = await visit(browser, url, person);
  await page.goto(`${url}/all`, { waitUntil: "load" });
  await page.waitForTimeout(1500);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.evaluate(() => { globalThis.noted.events.length = globalThis.noted.tasks.length = 0; });
  const worst = {};
  const tasks = {};
  const noted = () =>
    page.evaluate(() => {
      const { events, tasks } = globalThis.noted;
      return { events: events.splice(0), tasks: tasks.splice(0) };
    });
  const step = async (name, act, place) => {
    worst[name] = tasks[name] = 0;
    for (let round = 0; round < 5; round++) {
      // Rows that come into view get their real height, so the place may move until it is looked up again.
      let box;
      for (let look = 0; place && look < 3; look++) {
        box = await page.evaluate(bring, place(round));
        await page.waitForTimeout(100);
      }
      await noted();
      if (box) await page.mouse.click(box.x + Math.min(40, box.width / 2), box.y + box.height / 2);
      await act?.(round);
      await page.waitForTimeout(900);
      const { events, tasks: long } = await noted();
      worst[name] = Math.max(worst[name], ...events.map(([, duration]) => duration));
      tasks[name] = Math.max(tasks[name], ...long);
    }
  };
  const field = () => ["#text", 0];
  await step("tick", null, (round) => ["#list .check", round + 3]);
  await step("type", (round) => page.keyboard.type(`Call Ana tomorrow ${round}pm p1 `, { delay: 40 }), field);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await step("add", async (round) => {
    await page.keyboard.type(`New ${round}`);
    await page.keyboard.press("Enter");
  }, field);
  await step("palette", async () => {
    await page.keyboard.press("Control+k");
    await page.waitForTimeout(300);
    await page.keyboard.press("Escape");
  });
  const tasksOpened = opened(page);
  await step("one task", async () => {
    await page.waitForTimeout(700);
    await page.keyboard.press("Escape");
  }, (round) => ["#list .task .title", round]);
  if (tasksOpened() !== 5) throw new Error(`of 5 tasks ${tasksOpened()} were opened`);
  await step("another list", null, (round) => [round % 2 ? "#side a[href='/all']" : "#side a[href='/inbox']", 0]);
  const before = await page.evaluate(() => document.querySelectorAll("#list .task").length);
  await step("fifty more", null, () => ["#more", 0]);
  // On a busy machine the last of them may still be coming.
  await page.waitForFunction((all) => document.querySelectorAll("#list .task .title").length === all, before + 250, { timeout: 20_000 });
  await context.close();
  return { worst, tasks, foreign: foreign.length };
}

/** From the stroke of a key in the search to the paint of what it finds. */
export async function searching(browser, url, person) {
  const { context, page } = await visit(browser, url, person);
  await page.goto(`${url}/all`, { waitUntil: "load" });
  await page.waitForTimeout(1000);
  await page.evaluate(() => {
    globalThis.times = [];
    let struck = 0;
    document.addEventListener("input", () => { struck = performance.now(); }, true);
    document.addEventListener("todo:shown", () => {
      const from = struck;
      struck = 0;
      // After the frame, not before it.
      if (from && location.pathname === "/search") requestAnimationFrame(() => setTimeout(() => globalThis.times.push(performance.now() - from)));
    });
  });
  const field = page.locator(".find input");
  for (const word of ["garden", "invoice", "lamp", "dentist"]) {
    await field.fill("");
    await page.waitForTimeout(300);
    await field.pressSequentially(word, { delay: 150 });
    await page.waitForTimeout(500);
  }
  const times = (await page.evaluate(() => globalThis.times)).sort((a, b) => a - b);
  await context.close();
  if (times.length < 10) throw new Error(`only ${times.length} searches were seen`);
  return { p50: times[Math.floor(times.length / 2)], p95: times[Math.floor(times.length * 0.95)], searches: times.length };
}
