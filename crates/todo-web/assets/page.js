/** The page on the screen: going from list to list without losing the chat, and keeping it true. */

import { fill, painted, patch, read, renew } from "./patch.js";
import { say, toast } from "./toast.js";

/** How many tasks the list shows; grows when the person asks for more. */
let shown = 0;
/** So many are kept up to date; who asks for more goes on to a page of its own. */
const MOST = 1000;
/** @type {AbortController | undefined} */
let under;
/** @type {Promise<void> | undefined} */
let refreshing;
let again = false;

/**
 * The fresh parts of a page as the server writes them.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @param {"main" | "all"} [parts] the main part alone is read sooner: nothing is counted for the side
 */
async function ask(address, signal, parts = "main") {
  const answer = await fetch(address, { headers: { "x-todo-script": parts }, signal });
  if (answer.status === 401) location.reload();
  const kind = answer.headers.get("content-type") ?? "";
  if (!answer.ok || !kind.startsWith("text/html")) throw new Error((await answer.json().catch(() => ({}))).detail ?? answer.statusText);
  return answer.text();
}

/** Why a page did not come, for the person. @param {unknown} error */
export const reason = (error) => (error instanceof TypeError ? say("offline-none") : String(error instanceof Error ? error.message : error));

/**
 * The main part of a page, to take something from.
 * @param {string} address
 * @param {AbortSignal} [signal]
 */
export const fetchPage = async (address, signal) => new DOMParser().parseFromString(await ask(address, signal), "text/html");

/** The address of a page with so many of its tasks. @param {string} address @param {number} count */
function sized(address, count) {
  const url = new URL(address, location.href);
  if (count) url.searchParams.set("n", String(count));
  url.hash = "";
  return url.href;
}

/** The address of this page with as many tasks as are shown. */
const here = () => sized(location.href, shown);

/** The page that was shown last; an earlier one that is still being put up gives way. */
let latest = 0;

/** @param {import("./patch.js").Page} page */
async function show({ fresh, rows }) {
  const turn = ++latest;
  const isWanted = () => turn === latest;
  document.title = fresh.title;
  for (const id of ["main", "side"]) {
    const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && now) renew(old, now);
  }
  const main = document.getElementById("main");
  if (main) await fill(main, rows, isWanted);
  if (isWanted()) document.dispatchEvent(new Event("todo:shown"));
}

/** Marks in the frame where the person is now. */
function mark() {
  for (const link of document.querySelectorAll("#side nav a, .tabs a")) {
    if (link.getAttribute("href") === location.pathname) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest" });
    } else link.removeAttribute("aria-current");
  }
  const back = document.querySelector("#f input[name=back]");
  if (back instanceof HTMLInputElement) back.value = location.pathname + location.search;
  const find = document.querySelector(".find input");
  if (find instanceof HTMLInputElement && find !== document.activeElement) find.value = location.pathname === "/search" ? (new URLSearchParams(location.search).get("q") ?? "") : "";
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
      const address = here();
      const [html] = await Promise.all([ask(address, undefined, "all").catch(() => null), painted()]);
      // What the person went on to meanwhile is newer.
      if (html && address === here()) await show(read(html));
      else again ||= Boolean(html);
    } while (again);
    refreshing = undefined;
  })();
  return refreshing;
}

/** @typedef {{ shown: number, y: number }} State how a page was left: so many tasks were shown, and it was scrolled so far */

/** Keeps how the page is left, for whoever comes back. @param {ScrollRestoration} by who scrolls it then */
function leave(by) {
  history.scrollRestoration = by;
  history.replaceState({ shown, y: scrollY }, "");
}
addEventListener("pagehide", () => leave("auto"));
addEventListener("load", () => history.state?.shown && go(location.href, "back", "main", history.state));

/**
 * Goes to another page of ours.
 * @param {string} address
 * @param {"push" | "replace" | "back"} [how]
 * @param {"main" | "all"} [parts] with the side, where that is another too
 * @param {State | null} [state] how it was left, when it is gone back to
 */
export async function go(address, how = "push", parts = "main", state = null) {
  under?.abort();
  under = new AbortController();
  const { signal } = under;
  const isScrolled = scrollY > 0;
  const main = document.getElementById("main");
  const from = document.activeElement;
  const slow = setTimeout(() => main?.setAttribute("aria-busy", "true"), 150);
  try {
    // Whatever brought us here is painted before the new page takes the time to be.
    const [html] = await Promise.all([ask(state?.shown ? sized(address, state.shown) : address, signal, parts), painted()]);
    if (signal.aborted) return;
    const page = read(html);
    const own = page.fresh.getElementById("chat");
    // The chat is beside every page but its own; a page with another frame is loaded as a whole.
    if (!page.fresh.getElementById("main") || Boolean(own) !== Boolean(document.querySelector("main > #chat"))) {
      location.assign(address);
      return;
    }
    if (how === "push") {
      // The browser would scroll before the page is there.
      leave("manual");
      history.pushState(null, "", address);
    }
    if (how === "replace") history.replaceState(null, "", address);
    shown = state?.shown ?? 0;
    mark();
    const showing = show(page);
    if (state?.y || isScrolled) scrollTo(0, state?.y ?? 0);
    await showing;
    if (how === "push") {
      // Whoever went on to a field meanwhile keeps it, or the rest of what they type would be taken for commands.
      if ([from, document.body].includes(document.activeElement)) document.getElementById("main")?.focus({ preventScroll: true });
    }
  } catch (error) {
    if (error instanceof DOMException) return;
    if (error instanceof TypeError && navigator.onLine) location.assign(address);
    else toast(reason(error), { label: say("retry"), act: () => go(address, how, parts, state), urgent: true });
  } finally {
    clearTimeout(slow);
    main?.removeAttribute("aria-busy");
  }
}

/** @param {Element} group */
const heading = (group) => group.querySelector("h2 bdi")?.textContent;

/**
 * Puts the groups of a list below those of another; one that is there goes on.
 * @param {Element} list
 * @param {Element} next
 */
function append(list, next) {
  for (const row of next.querySelectorAll(".task")) if (list.querySelector(`#${row.id}`)) row.remove();
  for (const group of [...next.children]) {
    const home = [...list.children].find((old) => old.nodeName === group.nodeName && heading(old) === heading(group));
    if (!home) {
      list.append(group);
      continue;
    }
    const rows = home.querySelector(".tasks") ?? home;
    rows.append(...group.querySelectorAll(".task"));
    const count = home.querySelector(".count");
    if (count) count.textContent = String(rows.children.length);
  }
}

/** Shows the next page of the list below what is shown. @param {HTMLAnchorElement} link */
export async function more(link) {
  if (shown >= MOST) return go(link.href);
  const address = location.href;
  try {
    const [html] = await Promise.all([ask(link.href), painted()]);
    const { fresh, rows } = read(html);
    const [list, next] = [document.getElementById("list"), fresh.getElementById("list")];
    if (address !== location.href || !list || !next) return;
    const turn = ++latest;
    const isWanted = () => turn === latest;
    append(list, next);
    shown = list.querySelectorAll(".task").length;
    const further = fresh.getElementById("more");
    if (further) patch(link, further);
    else link.parentElement?.remove();
    await fill(list, rows, isWanted);
    if (isWanted()) document.dispatchEvent(new Event("todo:shown"));
    // Rows whose turn this took.
    if (list.querySelector("[data-later]")) refresh();
  } catch (error) {
    toast(reason(error), { label: say("retry"), act: () => more(link), urgent: true });
  }
}
