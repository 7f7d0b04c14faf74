// Reminders on this device, switched on and off in the settings. Headless browsers know no push service, so the browser's own part is
// played: it makes and forgets a subscription. What the page does with it, and what the server keeps, is real.
import assert from "node:assert/strict";

import { Subscription } from "../../push/browser.mjs";
import { join, leave } from "../person.mjs";

/** Stands in for the push service of the browser; what it holds outlives a reload. */
function playPushService(json) {
  const subscription = () => {
    const key = localStorage.getItem("played-key");
    return key && {
      endpoint: json.endpoint,
      options: { applicationServerKey: Uint8Array.from(key.split(",").map(Number)).buffer },
      toJSON: () => json,
      unsubscribe: async () => {
        localStorage.removeItem("played-key");
        return true;
      },
    };
  };
  PushManager.prototype.getSubscription = async () => subscription();
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || Notification.permission !== "granted") throw new DOMException("not allowed", "NotAllowedError");
    localStorage.setItem("played-key", new Uint8Array(applicationServerKey).join());
    return subscription();
  };
}

export default {
  async "switched on and off in the settings"(world) {
    const person = await join(world);
    const { page, url, context } = person;
    await context.grantPermissions(["notifications"], { origin: url });
    const made = new Subscription("https://push.example.net").toJSON();
    await page.addInitScript(playPushService, made);
    const headers = { origin: url };

    await page.goto(`${url}/settings`);
    const [on, off] = ["on", "off"].map((which) => page.locator(`#push [data-push=${which}]`));
    await on.waitFor();
    const answered = page.waitForResponse((answer) => answer.url() === `${url}/api/push/subscribe` && answer.request().method() === "POST");
    await on.click();
    const answer = await answered;
    assert.equal(answer.status(), 201);
    const { subscription_id: id } = await answer.json();
    await off.waitFor();
    assert.equal(await on.isVisible(), false);
    const { public_key: key } = await (await page.request.get(`${url}/api/push/vapid-key`)).json();
    const used = await page.evaluate(() => localStorage.getItem("played-key"));
    assert.equal(Buffer.from(used.split(",").map(Number)).toString("base64url"), key, "messages are signed by this server");
    const again = await page.request.post(`${url}/api/push/subscribe`, { data: made, headers });
    assert.equal((await again.json()).subscription_id, id, "the server keeps it");

    await page.reload();
    await off.waitFor();
    await off.click();
    await on.waitFor();
    const gone = await page.request.delete(`${url}/api/push/subscribe`, { data: { endpoint: made.endpoint }, headers });
    assert.equal(gone.status(), 404, "the server has forgotten it");
    assert.equal(await page.evaluate(() => localStorage.getItem("played-key")), null, "and so has the browser");
    await leave(person);
  },
};
