/** The page on the screen: going from list to list without losing the chat, and keeping it true. */

import { patch } from "./patch.js";
import { say, toast } from "./toast.js";

/** How many tasks the list shows; grows when the person asks for more. */
let shown = 0;
/** @type {AbortController | undefined} */
let under;
/** @type {Promise<void> | undefined} */
let refreshing;
let again = false;

/**
 * The fresh parts of a page.
 * @param {string} address
 * @param {AbortSignal} [signal]
 */
export async function fetchPage(address, signal) {
  const answer = await fetch(address, { headers: { "x-todo-script": "1" }, signal });
  if (answer.status === 401) location.reload();
  const kind = answer.headers.get("content-type") ?? "";
  if (!answer.ok || !kind.startsWith("text/html")) throw new Error((await answer.json().catch(() => ({}))).detail ?? answer.statusText);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** The address of this page with as many tasks as are shown. */
function here() {
  const url = new URL(location.href);
  if (shown) url.searchParams.set("n", String(shown));
  url.hash = "";
  return url.href;
}

/** Lets the browser paint, and hear the person, before more is done. */
export const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** The page that was shown last; an earlier one that is still being put up gives way. */
let latest = 0;

/** @param {Document} fresh */
async function show(fresh) {
  const turn = ++latest;
  document.title = fresh.title;
  for (const id of ["main", "side"]) {
    await breathe();
    if (turn !== latest) return;
    const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && now) patch(old, now);
  }
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.getAttribute("href") === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const back = document.querySelector("#f input[name=back]");
  if (back instanceof HTMLInputElement) back.value = location.pathname + location.search;
  document.dispatchEvent(new Event("todo:shown"));
}

/** Brings the page up to date. Calls while one is under way end in one more. */
export function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      again = false;
      const address = location.href;
      const fresh = await fetchPage(here()).catch(() => null);
      if (fresh && address === location.href) await show(fresh);
    } while (again);
    refreshing = undefined;
  })();
  return refreshing;
}

/**
 * Goes to another page of ours.
 * @param {string} address
 * @param {"push" | "replace" | "back"} [how]
 */
export async function go(address, how = "push") {
  under?.abort();
  under = new AbortController();
  const main = document.getElementById("main");
  const from = document.activeElement;
  const slow = setTimeout(() => main?.setAttribute("aria-busy", "true"), 150);
  try {
    const fresh = await fetchPage(address, under.signal);
    const own = fresh.getElementById("chat");
    // The chat is beside every page but its own; a page with another frame is loaded as a whole.
    if (!fresh.getElementById("main") || Boolean(own) !== Boolean(document.querySelector("main > #chat"))) {
      location.assign(address);
      return;
    }
    shown = 0;
    if (how === "push") history.pushState(null, "", address);
    if (how === "replace") history.replaceState(null, "", address);
    await show(fresh);
    if (how === "push") {
      scrollTo(0, 0);
      // Whoever went on to a field meanwhile keeps it, or the rest of what they type would be taken for commands.
      if ([from, document.body].includes(document.activeElement)) document.getElementById("main")?.focus({ preventScroll: true });
    }
  } catch (error) {
    if (error instanceof DOMException) return;
    if (error instanceof TypeError) location.assign(address);
    else toast(String(error instanceof Error ? error.message : error), { label: say("retry"), act: () => go(address, how), urgent: true });
  } finally {
    clearTimeout(slow);
    main?.removeAttribute("aria-busy");
  }
}

/** Shows fifty more. */
export async function more() {
  shown = Math.max(shown, document.querySelectorAll("#list .task").length) + 50;
  await refresh();
}
