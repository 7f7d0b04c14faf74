/** Changes made without a connection wait here, in this browser, and are sent in order when it is back. */

import { refresh } from "./page.js";
import { deliver, Refused } from "./send.js";
import { el, say, toast } from "./toast.js";

/** @typedef {{ action: string, body: string, key: string, at?: number }} Waiting */

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("todo", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("waiting", { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>}
 */
async function store(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const request = act(database.transaction("waiting", mode).objectStore("waiting"));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {Waiting} change */
export async function queue(change) {
  await store("readwrite", (waiting) => waiting.add({ ...change, at: Date.now() }));
  localStorage.setItem("waiting", "1");
  start();
  await banner();
  toast(say("queued"));
}

/** Says how things stand. */
async function banner() {
  const count = await store("readonly", (waiting) => waiting.count());
  const away = !navigator.onLine;
  document.getElementById("offline")?.remove();
  if (!away && !count) return;
  const text = count ? say("offline", { n: count }) : say("offline-none");
  document.getElementById("main")?.before(el("p", { id: "offline", role: "status" }, text));
}

/** Sends what waits, one tab at a time; the keys let the server know what it has had already. */
export function replay() {
  const work = async () => {
    const keys = await store("readonly", (waiting) => waiting.getAllKeys());
    let sent = 0;
    let lost = 0;
    for (const key of keys) {
      const change = /** @type {Waiting | undefined} */ (await store("readonly", (waiting) => waiting.get(key)));
      if (!change) continue;
      try {
        await deliver(change.action, change.body, change.key);
        sent++;
      } catch (error) {
        // Still away, or asked to wait: the rest stays. A refusal is told and not tried for ever.
        if (!(error instanceof Refused) || error.status === 429 || error.status >= 500) break;
        lost++;
      }
      await store("readwrite", (waiting) => waiting.delete(key));
    }
    const left = await store("readonly", (waiting) => waiting.count());
    if (!left) localStorage.removeItem("waiting");
    await banner();
    if (sent) toast(say("synced", { n: sent }));
    if (lost) toast(say("conflict", { n: lost }), { urgent: true });
    if (sent || lost) await refresh();
  };
  return navigator.locks ? navigator.locks.request("todo-replay", work) : work();
}

let started = false;
export function start() {
  if (!started) {
    started = true;
    addEventListener("online", () => replay());
    addEventListener("offline", () => banner());
    // "Online" says nothing about the server; ask it now and then while something waits.
    setInterval(() => localStorage.getItem("waiting") && navigator.onLine && replay(), 10_000);
  }
  if (navigator.onLine && localStorage.getItem("waiting")) replay();
  else banner();
}
