// Measures the page in headless Chromium and prints its figures as one line of JSON. TODO_URL names the installation, CHROMIUM the
// browser. `cargo xtask bench web` starts both and puts the figures beside their bars.
import { createServer } from "node:net";

import { chromium } from "playwright-core";

import { lighthouse } from "./audit.mjs";
import { firstLoad, interactions, searching } from "./traces.mjs";
import { Person } from "./person.mjs";
import { serverTime } from "./server.mjs";

const url = process.env.TODO_URL;
const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const free = server.address().port;
    server.close(() => resolve(free));
  });
});
const browser = await chromium.launch({
  executablePath: browserPath,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", `--remote-debugging-port=${port}`],
});
try {
  const figures = {};
  const few = await Person.join(url, 50);
  figures.server = await serverTime(url, few, 500);
  figures.first = await firstLoad(browser, url, few);
  figures.pages = {};
  for (const [name, path, person] of [["sign-in", "/sign-in"], ["tasks", "/all", few], ["chat", "/chat", few]]) {
    console.error(`  lighthouse: ${name}`);
    figures.pages[name] = await lighthouse(port, url + path, person);
  }
  console.error(`  ${JSON.stringify(figures)}`);
  console.error("  interactions with 5,000 tasks");
  figures.interactions = await interactions(browser, url, await Person.join(url, 5_000));
  console.error("  search in 10,000 tasks");
  figures.search = await searching(browser, url, await Person.join(url, 10_000));
  console.log(JSON.stringify(figures));
} finally {
  await browser.close();
}
