/** Service worker: pages that were seen open without a connection, and reminders arrive when no page is open. */

/** @type {ServiceWorkerGlobalScope} */
// @ts-expect-error the global of a worker
const worker = self;
const PAGES = "pages";
const ASSETS = "assets";

/** Keeps every asset, so that what is loaded on demand is there without a connection too. */
async function keepAssets() {
  const { files } = await (await fetch("/config.json")).json();
  await (await caches.open(ASSETS)).addAll(files);
}

worker.addEventListener("install", (event) => {
  event.waitUntil(Promise.all([caches.open(PAGES).then((cache) => cache.add("/offline")), keepAssets()]));
  worker.skipWaiting();
});

worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

/** An asset under its hash never changes; a new hash replaces all. @param {Request} request */
async function asset(request) {
  const cache = await caches.open(ASSETS);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) {
    const folder = new URL(request.url).pathname.split("/")[2];
    const old = (await cache.keys()).filter(({ url }) => new URL(url).pathname.split("/")[2] !== folder);
    if (old.length) {
      await Promise.all(old.map((each) => cache.delete(each)));
      keepAssets();
    }
  }
  return fresh;
}

/**
 * The page from the server, else as it was seen last.
 * @param {Request} request
 * @param {(kept: Promise<void>) => void} keep what goes on after the answer
 */
async function page(request, keep) {
  const cache = await caches.open(PAGES);
  const script = request.headers.has("x-todo-script");
  const url = new URL(request.url);
  url.searchParams.delete("n");
  const name = script ? `${url.origin}${url.pathname}${url.search}${url.search ? "&" : "?"}script` : url.href;
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected && (fresh.headers.get("content-type") ?? "").startsWith("text/html")) keep(cache.put(name, fresh.clone()));
    if (fresh.status !== 502) return fresh;
    return (await cache.match(name, { ignoreVary: true })) ?? fresh;
  } catch (error) {
    const kept = (await cache.match(name, { ignoreVary: true })) ?? (script ? undefined : await cache.match("/offline", { ignoreVary: true }));
    if (kept) return kept;
    throw error;
  }
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (/^\/(api|docs|openapi|mcp|dav|chatkit|sign-|sw\.js|health)/.test(url.pathname)) return;
  // What is found while typing is neither asked twice nor worth the way through here.
  else if (url.pathname === "/search" && request.mode !== "navigate") return;
  else if (request.mode === "navigate" || request.headers.has("x-todo-script")) event.respondWith(page(request, (kept) => event.waitUntil(kept)));
});

worker.addEventListener("push", (event) => {
  const said = event.data?.json() ?? {};
  const title = said.title ?? "todo";
  const options = { body: said.body ?? "", tag: said.tag ?? said.task_id, data: { url: said.url ?? "/today" } };
  event.waitUntil(worker.registration.showNotification(title, options));
});

// The push service gave this browser another address.
worker.addEventListener("pushsubscriptionchange", (/** @type {any} */ event) => {
  const again = async () => {
    const applicationServerKey = event.oldSubscription?.options.applicationServerKey;
    const fresh = event.newSubscription ?? (await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
    await fetch("/api/push/subscribe", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(fresh) });
  };
  event.waitUntil(again());
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data;
  const show = async () => {
    const pages = await worker.clients.matchAll({ type: "window" });
    const open = pages.find((each) => new URL(each.url).pathname === url) ?? pages[0];
    if (!open) return worker.clients.openWindow(url);
    await open.focus();
    return open.navigate(url);
  };
  event.waitUntil(show());
});
