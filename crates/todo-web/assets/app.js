/** What is alive on every page. The rest is loaded when it is first needed. */

import "./keys.js";
import { follow } from "./live.js";
import { go, more, refresh } from "./page.js";
import { ahead, painted } from "./patch.js";
import { Refused, send } from "./send.js";
import { el, say, toast } from "./toast.js";

document.documentElement.classList.add("js");

/** @param {Event} event @param {string} selector @returns {HTMLElement | null} */
const hit = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

/** @typedef {import("./send.js").Reverse} Reverse */
/**
 * What takes back the changes made here, and what brings back those that were taken back; the latest last.
 * @type {Record<"back" | "forth", Reverse[]>}
 */
const reverses = { back: [], forth: [] };
/** What was done here, and is shown without being told. @type {Set<string>} */
const own = new Set();

/**
 * Tells what was done, with its undo.
 * @param {import("./send.js").Done} done
 * @param {"back" | "forth"} [way] the way in which that undo leads
 */
function tell({ queued, said, operation, reverse }, way = "back") {
  if (queued) return;
  if (operation) own.add(operation);
  const other = operation ? reverseOf(operation) : reverse;
  if (other) reverses[way].push(other);
  toast(said ?? "", other ? { label: say("undo"), act: () => turn(way, other) } : {});
}

/** @param {string} operation @returns {Reverse} */
export const reverseOf = (operation) => ({ action: `/undo/${operation}`, fields: {} });

/**
 * Goes back one change, or forth again.
 * @param {"back" | "forth"} way
 * @param {Reverse} [which] the latest when left out
 */
async function turn(way, which = reverses[way].at(-1)) {
  if (!which) return;
  reverses[way] = reverses[way].filter(({ action }) => action !== which.action);
  await change(which.action, which.fields, undefined, way === "back" ? "forth" : "back");
}

/** Undoes a change, the latest when left out; then the one before it. @param {Reverse} [which] */
export const undo = (which) => turn("back", which);
/** Makes again what was undone last. */
export const redo = () => turn("forth");

/**
 * Sends a change, tells about it and brings the page up to date; `settle` learns how it went before that.
 * @param {string} action
 * @param {Record<string, string> | FormData} fields
 * @param {(ok: boolean) => void} [settle]
 * @param {"back" | "forth"} [way] what its own undo does: goes back, or forth when it is itself one
 * @returns {Promise<boolean>}
 */
export async function change(action, fields, settle, way) {
  try {
    const done = await send(action, fields);
    if (!way) reverses.forth = [];
    tell(done, way);
    settle?.(true);
    if (done.go) await go(done.go, "push", "all");
    else if (!done.queued) await refresh();
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 429 && error.wait <= 60) {
      toast(say("rate", { n: error.wait || 1 }), { urgent: true });
      await new Promise((resolve) => setTimeout(resolve, (error.wait || 1) * 1000));
      return change(action, fields, settle, way);
    }
    settle?.(false);
    toast(error instanceof Refused && error.message ? error.message : say("failed"), {
      label: say("retry"),
      act: () => change(action, fields, settle, way),
      urgent: true,
    });
    return false;
  }
}

/** @param {SubmitEvent} event */
async function submitted(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (form.matches("[data-plain]")) return;
  if (form.matches(".account")) {
    if (globalThis.Notification?.permission !== "granted") return;
    event.preventDefault();
    await import("./push.js").then(({ leave }) => leave()).catch(() => {});
    return form.submit();
  }
  event.preventDefault();
  if (form.matches(".composer")) {
    if (!form.dataset.ready) import("./chat.js").then(({ start }) => start(event));
    return;
  }
  const action = button?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.pathname;
  const fields = new FormData(form, button);
  if (form.method === "get") {
    const query = new URLSearchParams(/** @type {Record<string, string>} */ (Object.fromEntries([...fields].filter(([, value]) => value))));
    form.closest("details")?.removeAttribute("open");
    go(`${action}?${query}`, form.matches(".find") && location.pathname === "/search" ? "replace" : "push");
  } else if (form.matches(".add")) {
    add(form, fields);
  } else {
    const fold = form.closest("details");
    change(action, fields, (ok) => {
      if (!ok || !fold) return;
      form.reset();
      fold.open = false;
    });
  }
}

/** Does what a button of a task says: it is shown, and then sent. @param {HTMLElement} button */
async function act(button) {
  const row = /** @type {HTMLElement | null} */ (button.closest(".task, .detail"));
  // A second press before the first is answered.
  if (row?.dataset.busy !== undefined) return;
  const what = button.dataset.do;
  const settle = row ? ahead(what, row) : undefined;
  await painted();
  if (row?.matches(".task") && row.contains(document.activeElement)) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    next?.querySelector("button")?.focus();
  }
  change(button.getAttribute("formaction") ?? "", {}, settle);
  if (what === "delete" && row?.matches(".detail")) closeSheet() || go("/all");
}

/** Closes the sheet with one task; false when there is none. */
function closeSheet() {
  const sheet = /** @type {HTMLElement | null} */ (document.querySelector("dialog.sheet"));
  sheet?.hidePopover();
  return Boolean(sheet);
}

/** @param {HTMLFormElement} form @param {FormData} fields */
async function add(form, fields) {
  const field = /** @type {HTMLTextAreaElement | HTMLInputElement} */ (form.elements.namedItem("text"));
  const text = field.value;
  const list = form.id === "add" ? document.querySelector("#list") : form.parentElement;
  const places = list?.querySelectorAll("ul.tasks");
  const place = places?.[places.length - 1];
  const rows = text.split("\n").filter((line) => line.trim()).map((line) => pending(line));
  place?.append(...rows);
  field.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const added = await change("/tasks", fields, (ok) => {
    for (const row of rows) ok ? delete row.dataset.busy : row.remove();
    if (ok) return;
    if (!field.value) field.value = text;
  });
  if (added && form.contains(document.activeElement)) field.focus();
}

/** A task that the server has not seen yet. @param {string} title */
function pending(title) {
  const check = el("span", { className: "check" });
  return el("li", { className: "task pending", "data-busy": "" }, check, el("div", { className: "body" }, el("span", { className: "title", dir: "auto" }, title)));
}

/** Our own pages, which need no fresh load. @param {HTMLAnchorElement} link */
const isOurs = (link) =>
  link.origin === location.origin && !link.download && !link.target && !/^\/(api|docs|assets|sign-|openapi)/.test(link.pathname) && link.getAttribute("href")?.[0] !== "#";

document.addEventListener("submit", submitted);

document.addEventListener("click", (event) => {
  // Not by way of the form: that is for those without scripts, and takes longer.
  const button = event.defaultPrevented ? null : hit(event, "button[data-do]");
  if (button) {
    event.preventDefault();
    act(button);
    return;
  }
  const link = /** @type {HTMLAnchorElement | null} */ (hit(event, "a[href]"));
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || !isOurs(link)) return;
  event.preventDefault();
  if (link.id === "more") more(link);
  else if (link.matches(".task .title") && !link.closest("dialog")) import("./sheet.js").then(({ open }) => open(link.href));
  else if (link.matches("dialog .back")) closeSheet();
  else {
    if (location.hash === "#side") history.replaceState(null, "", location.pathname + location.search);
    closeSheet();
    go(link.href);
  }
});
addEventListener("popstate", (event) => location.hash || go(location.href, "back", "main", /** @type {PopStateEvent} */ (event).state));

/** Where the search began, and leads back when it is emptied. */
let from = "/today";
document.addEventListener("input", (event) => {
  const search = /** @type {HTMLInputElement | null} */ (hit(event, ".find input"));
  if (!search) return;
  // At once: a later letter calls back what an earlier one asked.
  const q = search.value.trim();
  const searching = location.pathname === "/search";
  if (!searching) from = location.href;
  go(q ? `/search?${new URLSearchParams({ q })}` : from, searching ? "replace" : "push").then(() => search.focus());
});

document.addEventListener("keydown", (event) => {
  const field = hit(event, ".add textarea, .composer textarea");
  if (field && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    /** @type {HTMLTextAreaElement} */ (field).form?.requestSubmit();
  }
});

/** @param {string} selector @param {string} type @param {() => Promise<{ start: (event: Event) => void }>} load @param {string} [pointer] */
function firstTime(selector, type, load, pointer) {
  const wake = (/** @type {Event} */ event) => {
    if (!hit(event, selector) || (pointer && event instanceof PointerEvent && event.pointerType !== pointer)) return;
    document.removeEventListener(type, wake, true);
    // A finger or a button that was lifted before the module came has nothing to begin.
    let lifted = false;
    if (type === "pointerdown") for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (lifted = true), { capture: true, once: true });
    load().then(({ start }) => lifted || start(event));
  };
  document.addEventListener(type, wake, true);
}

if (document.getElementById("side")) {
  // The installed program has a way to it.
  if (location.hash === "#add") document.getElementById("text")?.focus();
  // The answer to a change of ours may come after the word of it.
  follow((change) => setTimeout(() => own.has(change.operation_id ?? "") || refresh(), 50));
  firstTime("#text", "focusin", () => import("./quick.js"));
  for (const type of ["pointerover", "pointerdown", "focusin", "keydown"]) firstTime(".grip", type, () => import("./move.js"));
  firstTime("#main .task", "pointerdown", () => import("./select.js"), "touch");
  firstTime("#select", "click", () => import("./select.js"));
  for (const type of ["click", "focusin"]) firstTime(".chat", type, () => import("./chat.js"));
  if (document.querySelector("main > .chat") || localStorage.getItem("chat")) requestIdleCallback?.(() => import("./chat.js").then(({ start }) => start()));
  if (document.getElementById("push")) import("./push.js").then(({ start }) => start());
  document.addEventListener("todo:shown", () => document.getElementById("push") && import("./push.js").then(({ start }) => start()));
  // Not needed for the first sight, and too late to be fetched when it is needed.
  addEventListener("load", () => {
    import("./offline.js").then(({ start }) => start());
    // It is refused in private windows and while the person signs out; the page does without.
    navigator.serviceWorker?.register("/sw.js").catch(() => {});
  });
}
