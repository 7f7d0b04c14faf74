/** The page on the screen: going from list to list without losing the chat, and keeping it true. */

import { fill, painted, patch, read } from "./patch.js";
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

/**
 * The main part of a page, to take something from.
 * @param {string} address
 * @param {AbortSignal} [signal]
 */
export const fetchPage = async (address, signal) => new DOMParser().parseFromString(await ask(address, signal), "text/html");

/** The address of this page with as many tasks as are shown. */
function here() {
  const url = new URL(location.href);
  if (shown) url.searchParams.set("n", String(shown));
  url.hash = "";
  return url.href;
}

/** The page that was shown last; an earlier one that is still being put up gives way. */
let latest = 0;

/** @param {import("./patch.js").Page} page */
async function show({ fresh, rows }) {
  const turn = ++latest;
  const isWanted = () => turn === latest;
  document.title = fresh.title;
  for (const id of ["main", "side"]) {
    const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && now) patch(old, now);
  }
  const main = document.getElementById("main");
  if (main) await fill(main, rows, isWanted);
  if (isWanted()) document.dispatchEvent(new Event("todo:shown"));
}

/** Marks in the frame where the person is now. */
function mark() {
  for (const link of document.querySelectorAll("#side nav a, .tabs a")) {
    if (link.getAttribute("href") === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
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

/**
 * Goes to another page of ours.
 * @param {string} address
 * @param {"push" | "replace" | "back"} [how]
 * @param {"main" | "all"} [parts] with the side, where that is another too
 */
export async function go(address, how = "push", parts = "main") {
  under?.abort();
  under = new AbortController();
  const { signal } = under;
  const isScrolled = scrollY > 0;
  const main = document.getElementById("main");
  const from = document.activeElement;
  const slow = setTimeout(() => main?.setAttribute("aria-busy", "true"), 150);
  try {
    // Whatever brought us here is painted before the new page takes the time to be.
    const [html] = await Promise.all([ask(address, signal, parts), painted()]);
    if (signal.aborted) return;
    const page = read(html);
    const own = page.fresh.getElementById("chat");
    // The chat is beside every page but its own; a page with another frame is loaded as a whole.
    if (!page.fresh.getElementById("main") || Boolean(own) !== Boolean(document.querySelector("main > #chat"))) {
      location.assign(address);
      return;
    }
    shown = 0;
    if (how === "push") history.pushState(null, "", address);
    if (how === "replace") history.replaceState(null, "", address);
    mark();
    const showing = show(page);
    if (how === "push" && isScrolled) scrollTo(0, 0);
    await showing;
    if (how === "push") {
      // Whoever went on to a field meanwhile keeps it, or the rest of what they type would be taken for commands.
      if ([from, document.body].includes(document.activeElement)) document.getElementById("main")?.focus({ preventScroll: true });
    }
  } catch (error) {
    if (error instanceof DOMException) return;
    if (error instanceof TypeError) location.assign(address);
    else toast(String(error instanceof Error ? error.message : error), { label: say("retry"), act: () => go(address, how, parts), urgent: true });
  } finally {
    clearTimeout(slow);
    main?.removeAttribute("aria-busy");
  }
}

/** @param {Element} group */
const heading = (group) => group.querySelector("h2 bdi")?.textContent;

/**
 * Puts the groups of a list below those of another; the first may go on with the last one there.
 * @param {Element} list
 * @param {Element} next
 */
function append(list, next) {
  for (const row of next.querySelectorAll(".task")) if (list.querySelector(`#${row.id}`)) row.remove();
  for (const group of [...next.children]) {
    const last = list.lastElementChild;
    if (last?.nodeName !== group.nodeName || heading(last) !== heading(group)) {
      list.append(group);
      continue;
    }
    const rows = last.querySelector(".tasks") ?? last;
    rows.append(...group.querySelectorAll(".task"));
    const count = last.querySelector(".count");
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
    toast(String(error instanceof Error ? error.message : error), { label: say("retry"), act: () => more(link), urgent: true });
  }
}
