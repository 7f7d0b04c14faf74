/** One task beside the list. */

import { fetchPage, refresh } from "./page.js";
import { painted, patch } from "./patch.js";
import { el, icon, say, toast } from "./toast.js";

/** @type {HTMLDialogElement | undefined} */
let sheet;
let address = "";
/** When all of the task is there. */
let grown = Promise.resolve();

/** @param {string} href */
async function load(href) {
  const fresh = await fetchPage(href);
  const detail = fresh.querySelector(".detail");
  if (!detail) throw new Error(say("failed"));
  return detail;
}

function make() {
  const made = el("dialog", { className: "sheet" });
  made.setAttribute("aria-label", say("task"));
  // A press beside the sheet closes it.
  made.addEventListener("click", (event) => event.target === made && made.close());
  made.addEventListener("close", () => {
    const notes = document.getElementById("toasts");
    if (notes) document.body.append(notes);
    painted().then(() => made.open || made.replaceChildren());
  });
  document.body.append(made);
  document.addEventListener("todo:shown", update);
  return made;
}

/** @param {string} href */
export async function open(href) {
  address = href;
  sheet ??= make();
  const asked = load(href);
  sheet.replaceChildren(el("button", { type: "button", className: "icon-button close", ariaLabel: say("close"), onclick: () => sheet?.close() }, icon("x")));
  if (!sheet.open) sheet.showModal();
  try {
    // The sheet is there at once, and the task when it has come.
    const [detail] = await Promise.all([asked, painted()]);
    grown = grow(detail, () => Boolean(sheet?.open) && address === href);
    await grown;
  } catch (error) {
    if (address === href) sheet.close();
    toast(error instanceof Error ? error.message : say("failed"), { urgent: true });
  }
}

/** So many parts of a task are put up at once. */
const AT_ONCE = 4;

/**
 * Puts the task up in parts, the title first. Its fields are dear to lay out; all at once they would hold up the next key.
 * @param {Element} detail
 * @param {() => boolean} isWanted
 */
async function grow(detail, isWanted) {
  /** @type {[Element, Element | null][]} */
  const parts = [...detail.querySelectorAll(":scope > header ~ *, #edit > *")].map((part) => [part, part.parentElement]);
  for (const [part] of parts) part.remove();
  sheet?.append(detail);
  while (parts.length) {
    await painted();
    if (!isWanted()) return;
    for (const [part, home] of parts.splice(0, AT_ONCE)) home?.append(part);
  }
  back();
}

/** Forms in the sheet lead back to the list. */
function back() {
  for (const input of sheet?.querySelectorAll("input[name=back]") ?? []) if (input instanceof HTMLInputElement) input.value = location.pathname + location.search;
}

/** Keeps the open sheet true when its task changes; a half-written form is left alone. */
async function update() {
  await grown;
  const old = sheet?.open && sheet.querySelector(".detail");
  if (!old || (old.contains(document.activeElement) && document.activeElement?.matches("input, textarea, select"))) return;
  const fresh = await load(address).catch(() => null);
  if (!fresh) return sheet?.close();
  patch(old, fresh);
  back();
}

document.addEventListener("submit", (event) => {
  if (sheet?.open && event.target instanceof HTMLFormElement && event.target.id === "edit") {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    refresh();
  }
});
