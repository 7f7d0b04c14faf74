/** Reminders on this device. */

import { api } from "./send.js";
import { say, toast } from "./toast.js";

/** @param {string} text base64url @returns {Uint8Array<ArrayBuffer>} */
function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

/** Whoever signs out gets no more reminders here: the push service forgets this browser, and our server with it. */
export async function leave() {
  const worker = await navigator.serviceWorker?.getRegistration();
  await (await worker?.pushManager?.getSubscription())?.unsubscribe();
}

/**
 * The subscription of this browser, made anew when it was made for another key.
 * @param {PushManager} manager
 * @param {string} publicKey
 */
async function current(manager, publicKey) {
  const now = await manager.getSubscription();
  const key = bytes(publicKey);
  const old = now?.options.applicationServerKey;
  if (!now || !old || new Uint8Array(old).join() === key.join()) return now;
  await now.unsubscribe();
  return subscribe(manager, publicKey);
}

/** @param {PushManager} manager @param {string} publicKey */
async function subscribe(manager, publicKey) {
  const made = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(publicKey) });
  await api("/api/push/subscribe", made.toJSON());
  return made;
}

export async function start() {
  const card = document.getElementById("push");
  if (!card || !navigator.serviceWorker || !("PushManager" in window)) return;
  const key = await api("/api/push/vapid-key").catch(() => null);
  const publicKey = key?.public_key ?? key?.publicKey ?? key?.key;
  if (!publicKey) return;
  card.hidden = false;
  const worker = await navigator.serviceWorker.ready;
  const show = async () => {
    const on = Boolean(await current(worker.pushManager, publicKey));
    for (const button of card.querySelectorAll("button")) button.hidden = (button.dataset.push === "on") === on;
  };
  for (const button of card.querySelectorAll("button")) {
    button.onclick = async () => {
      try {
        const now = await worker.pushManager.getSubscription();
        if (button.dataset.push === "off") {
          await now?.unsubscribe();
          // Where the server has forgotten it already, nothing is left to do.
          if (now) await api("/api/push/subscribe", { endpoint: now.endpoint }, "DELETE").catch(() => {});
        } else {
          await subscribe(worker.pushManager, publicKey);
        }
      } catch (error) {
        toast(Notification.permission === "denied" ? say("denied") : String(error instanceof Error ? error.message : error), { urgent: true });
      }
      await show();
    };
  }
  await show();
}
