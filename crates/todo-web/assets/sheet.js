/** One task beside the list. */

import { breathe, fetchPage, refresh } from "./page.js";
import { patch } from "./patch.js";
import { el, icon, say, toast } from "./toast.js";

/** @type {HTMLDialogElement | undefined} */
let sheet;
let address = "";

/** @param {string} href */
async function load(href) {
  const fresh = await fetchPage(href);
  const detail = fresh.querySelector(".detail");
  if (!detail) throw new Error(say("failed"));
  return detail;
}

/** @param {string} href */
export async function open(href) {
  try {
    const detail = await load(href);
    address = href;
    if (!sheet) {
      sheet = el("dialog", { className: "sheet" });
      sheet.setAttribute("aria-label", say("task"));
      // A press beside the sheet closes it.
      sheet.addEventListener("click", (event) => event.target === sheet && sheet?.close());
      sheet.addEventListener("close", () => {
        const notes = document.getElementById("toasts");
        if (notes) document.body.append(notes);
        sheet?.replaceChildren();
      });
      document.body.append(sheet);
      document.addEventListener("todo:shown", update);
    }
    const close = el("button", { type: "button", className: "icon-button close", ariaLabel: say("close"), onclick: () => sheet?.close() }, icon("x"));
    sheet.replaceChildren(close);
    if (!sheet.open) sheet.showModal();
    // Opening makes the browser look at the whole page behind; the task gets a moment of its own.
    await breathe();
    if (!sheet.open || address !== href) return;
    sheet.append(detail);
    back();
  } catch (error) {
    toast(error instanceof Error ? error.message : say("failed"), { urgent: true });
  }
}

/** Forms in the sheet lead back to the list. */
function back() {
  for (const input of sheet?.querySelectorAll("input[name=back]") ?? []) if (input instanceof HTMLInputElement) input.value = location.pathname + location.search;
}

/** Keeps the open sheet true when its task changes; a half-written form is left alone. */
async function update() {
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
