/**
 * What lies over the page: it has the keyboard, and goes by Escape or by a press beside it. A popover instead of a modal dialog, for that
 * one makes all else inert, and to style a long list anew takes longer than everything else that opens it. So the element
 * covers the page itself, and what is seen of it is its panel.
 */

import { el } from "./toast.js";

/** What the tabulator key stops at. */
const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary";

/** @param {KeyboardEvent} event */
function stay(event) {
  if (event.key !== "Tab") return;
  const over = /** @type {HTMLElement} */ (event.currentTarget);
  const stops = /** @type {HTMLElement[]} */ ([...over.querySelectorAll(STOPS)].filter((stop) => stop.checkVisibility()));
  const [end, start] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (document.activeElement !== end && over.contains(document.activeElement)) return;
  event.preventDefault();
  start?.focus();
}

/**
 * Lays something over the page, with the keyboard on the first thing in it that takes it.
 * @param {string} className
 * @param {string} label its name, for those who don't see it
 * @param {Node[]} content
 * @param {() => void} [closed] called after it went
 * @returns {{ panel: HTMLElement, close: () => void }}
 */
export function cover(className, label, content, closed) {
  const panel = el("div", { className: "panel" }, ...content);
  const over = el("dialog", { className, popover: "auto", ariaLabel: label, ariaModal: "true" }, panel);
  over.addEventListener("click", ({ target }) => target === over && over.hidePopover());
  over.addEventListener("keydown", stay);
  const gone = () => {
    if (!over.isConnected) return;
    // Notices that were shown on it stay.
    const notes = over.querySelector("#toasts");
    if (notes) document.body.append(notes);
    over.remove();
    // What had the keyboard before may be gone too.
    if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
    closed?.();
  };
  over.addEventListener("toggle", (event) => /** @type {ToggleEvent} */ (event).newState === "closed" && gone());
  document.body.append(over);
  over.showPopover();
  return {
    panel,
    close() {
      over.hidePopover();
      gone();
    },
  };
}
