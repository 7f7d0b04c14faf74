/**
 * Changes made without a connection, or after the session has ended, wait here, in this browser, and are sent in order when both are
 * back. They belong to the person who made them: whoever else signs in here neither sees nor sends them.
 */

import { refresh } from "./page.js";
import { ahead, hold } from "./patch.js";
import { deliver, mayPass, Refused } from "./send.js";
import { el, say, toast } from "./toast.js";

/** @typedef {{ action: string, body: string, key: string, who?: string, at?: number }} Waiting */

/** Who is signed in. */
const me = () => /** @type {HTMLElement | null} */ (document.querySelector("#side .who"))?.title ?? "";

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
  }).finally(() => database.close());
}

/** What waits of this person, in order. @returns {Promise<[IDBValidKey, Waiting][]>} */
async function mine() {
  const keys = await store("readonly", (waiting) => waiting.getAllKeys());
  /** @type {[IDBValidKey, Waiting][]} */
  const found = [];
  for (const key of keys) {
    const change = /** @type {Waiting | undefined} */ (await store("readonly", (waiting) => waiting.get(key)));
    if (change && (change.who ?? me()) === me()) found.push([key, change]);
  }
  return found;
}

/** @param {Waiting} change */
export async function queue(change) {
  await store("readwrite", (waiting) => waiting.add({ ...change, who: me(), at: Date.now() }));
  localStorage.setItem("waiting", "1");
  listen();
  await banner();
  toast(say("queued"));
}

/** Says how things stand, and shows again what waits. */
async function banner() {
  const waiting = await mine();
  const away = !navigator.onLine;
  document.getElementById("offline")?.remove();
  if (!away && !waiting.length) return;
  const text = waiting.length ? say("offline", { n: waiting.length }) : say("offline-none");
  document.getElementById("main")?.before(el("p", { id: "offline", role: "status" }, text));
}

/** Shows on a page as it was kept what was changed since. */
async function overlay() {
  for (const [, { action, body, key }] of await mine()) {
    const fields = new URLSearchParams(body);
    const [, id, what] = /^\/tasks\/([^/]+)(?:\/(\w+))?$/.exec(action) ?? [];
    const row = id && /** @type {HTMLElement | null} */ (document.querySelector(`#main .task[data-id="${CSS.escape(id)}"]`));
    if (row && row.dataset.busy === undefined) {
      // What the server writes about this row later counts, even where it is the same as before.
      if (what) ahead(what, row)(true);
      else hold(row);
      delete row.dataset.busy;
      const title = fields.get("title");
      if (title) row.querySelector(".title")?.replaceChildren(el("bdi", {}, title));
    }
    const here = location.pathname + location.search;
    if (action !== "/tasks" || fields.get("back") !== here || fields.has("parent_id") || document.querySelector(`[data-key="${key}"]`)) continue;
    const list = document.getElementById("list");
    const place = [...(list?.querySelectorAll("ul.tasks") ?? [])].at(-1) ?? list?.appendChild(el("ul", { className: "tasks" }));
    for (const line of (fields.get("text") ?? "").split("\n").filter((text) => text.trim())) {
      const title = el("span", { className: "title", dir: "auto" }, line);
      place?.append(el("li", { className: "task pending", "data-key": key }, el("span", { className: "check" }), el("div", { className: "body" }, title)));
    }
  }
}

/** Sends what waits, one tab at a time; the keys let the server know what it has had already. */
export function replay() {
  const work = async () => {
    let sent = 0;
    let lost = 0;
    let why = "";
    for (const [key, change] of await mine()) {
      try {
        await deliver(change.action, change.body, change.key);
        sent++;
      } catch (error) {
        // Still away, signed out, or asked to wait: the rest stays. A refusal is told and not tried for ever.
        if (!(error instanceof Refused) || mayPass(error)) {
          if (error instanceof Refused && error.status === 401) location.reload();
          break;
        }
        lost++;
        why = error.message;
      }
      await store("readwrite", (waiting) => waiting.delete(key));
    }
    if (!(await mine()).length) localStorage.removeItem("waiting");
    await banner();
    if (sent) toast(say("synced", { n: sent }));
    if (lost) toast(`${say("conflict", { n: lost })}. ${why}`, { urgent: true });
    if (sent || lost) await refresh();
  };
  return navigator.locks ? navigator.locks.request("todo-replay", work) : work();
}

let isListening = false;
function listen() {
  if (isListening) return;
  isListening = true;
  addEventListener("online", () => replay());
  addEventListener("offline", () => banner());
  document.addEventListener("todo:shown", () => localStorage.getItem("waiting") && overlay());
  // "Online" says nothing about the server; ask it now and then while something waits.
  setInterval(() => localStorage.getItem("waiting") && navigator.onLine && replay(), 10_000);
}

export async function start() {
  listen();
  if (!(await mine()).length) {
    localStorage.removeItem("waiting");
    return banner();
  }
  localStorage.setItem("waiting", "1");
  await overlay();
  await (navigator.onLine ? replay() : banner());
}
