/** One task beside the list. */

import { cover } from "./over.js";
import { fetchPage, reason, refresh } from "./page.js";
import { paced, painted, renew } from "./patch.js";
import { el, icon, say, toast } from "./toast.js";

/** @type {{ panel: HTMLElement, close: () => void } | undefined} */
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

/** @param {string} href */
export async function open(href) {
  address = href;
  const asked = load(href);
  const shut = el("button", { type: "button", className: "icon-button close", ariaLabel: say("close"), onclick: () => sheet?.close() }, icon("x"));
  if (sheet) sheet.panel.replaceChildren(shut);
  else sheet = cover("sheet", say("task"), [shut], () => (sheet = undefined));
  const { panel } = sheet;
  try {
    // The sheet is there at once, and the task when it has come.
    const [detail] = await Promise.all([asked, painted()]);
    grown = grow(panel, detail, () => panel.isConnected && address === href);
    await grown;
  } catch (error) {
    if (address === href) sheet?.close();
    toast(reason(error), { urgent: true });
  }
}

/**
 * Puts the task up in parts, the title first: its fields are dear to lay out.
 * @param {Element} panel
 * @param {Element} detail
 * @param {() => boolean} isWanted
 */
async function grow(panel, detail, isWanted) {
  /** @type {[Element, Element | null][]} */
  const parts = [...detail.querySelectorAll(":scope > header ~ *, #edit > *")].map((part) => [part, part.parentElement]);
  for (const [part] of parts) part.remove();
  if (!isWanted()) return;
  panel.append(detail);
  await painted();
  await paced(parts, (some) => some.forEach(([part, home]) => home?.append(part)), isWanted);
  back();
}

/** Forms in the sheet lead back to the list. */
function back() {
  for (const input of sheet?.panel.querySelectorAll("input[name=back]") ?? []) if (input instanceof HTMLInputElement) input.value = location.pathname + location.search;
}

/** Keeps the open sheet true when its task changes; a half-written form is left alone. */
async function update() {
  await grown;
  const old = sheet?.panel.querySelector(".detail");
  if (!old) return;
  const fresh = await load(address).catch(() => null);
  if (!fresh) return sheet?.close();
  const form = old.querySelector("#edit");
  if (form?.contains(document.activeElement)) fresh.querySelector("#edit")?.replaceWith(form.cloneNode(true));
  renew(old, fresh);
  back();
}

document.addEventListener("todo:shown", update);
document.addEventListener("submit", (event) => {
  if (sheet && event.target instanceof HTMLFormElement && event.target.id === "edit") {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    refresh();
  }
});
