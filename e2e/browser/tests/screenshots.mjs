// Pictures of the main states, kept when SHOTS names a folder. Without it the same steps still have to work.
import { join as path } from "node:path";

import { add, eventually, join, leave } from "../person.mjs";

const DAY = [
  "Send the contract to Lena yesterday p1 @work",
  "Call Ana about the trip today 23:30 p2 @phone",
  "Book the dentist today p3",
  "Buy oat milk, bread and coffee today #Home",
  "Water the plants every 3 days starting today #Home",
  "Read the draft today @work",
];

async function pictures(world, name, options, phone) {
  const person = await join(world, options);
  const { page, url } = person;
  const shot = async (state) => {
    await page.waitForTimeout(250);
    if (process.env.SHOTS) await page.screenshot({ path: path(process.env.SHOTS, `${state}${name}.png`) });
  };
  await shot("empty");
  await page.goto(`${url}/all`);
  for (const line of DAY) await add(page, line);
  await page.goto(`${url}/today`);
  await shot("today");
  if (phone) await page.goto(`${url}/chat`);
  const field = page.locator(".composer textarea");
  for (const text of ["what's on for today?", "add pick up the parcel tomorrow at 5pm"]) {
    const before = await page.locator(".message .engine").count();
    await field.fill(text);
    await field.press("Enter");
    await eventually("an answer", async () => (await page.locator(".message .engine").count()) > before);
  }
  await page.waitForTimeout(300);
  await shot("chat");
  await page.goto(`${url}/today`);
  await page.locator(".task .title").nth(1).click();
  await page.locator("dialog.sheet").waitFor();
  await shot("task");
  await page.keyboard.press("Escape");
  await page.fill("#text", "Call Sam next friday 5pm p1 @phone #Work");
  await page.locator(".chip").nth(3).waitFor();
  await shot("add");
  await page.goto(`${url}/stats`);
  await shot("stats");
  await page.context().clearCookies();
  await page.goto(`${url}/sign-in`);
  await shot("sign-in");
  await leave(person);
}

export default {
  "a desktop": (world) => pictures(world, "", {}, false),
  "a desktop in the dark": (world) => pictures(world, "-dark", { colorScheme: "dark" }, false),
  "a phone": (world) => pictures(world, "-phone", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, true),
  "right to left": (world) => pictures(world, "-ur", { locale: "ur-PK" }, false),
};
