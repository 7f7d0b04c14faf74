/** Reminders on this device. */

import { api } from "./send.js";
import { say, toast } from "./toast.js";

/** @param {string} text base64url @returns {Uint8Array<ArrayBuffer>} */
function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
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
    const on = Boolean(await worker.pushManager.getSubscription());
    for (const button of card.querySelectorAll("button")) button.hidden = (button.dataset.push === "on") === on;
  };
  for (const button of card.querySelectorAll("button")) {
    button.onclick = async () => {
      try {
        const now = await worker.pushManager.getSubscription();
        if (button.dataset.push === "off") {
          if (now) await api("/api/push/subscribe", { endpoint: now.endpoint }, "DELETE");
          await now?.unsubscribe();
        } else {
          const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(publicKey) });
          await api("/api/push/subscribe", made.toJSON());
        }
      } catch (error) {
        toast(Notification.permission === "denied" ? say("denied") : String(error instanceof Error ? error.message : error), { urgent: true });
      }
      await show();
    };
  }
  await show();
}
