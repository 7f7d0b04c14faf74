/** The person's own order: by dragging, or by keyboard with the grip focused. */

import { change } from "./app.js";
import { hold } from "./patch.js";
import { say, speak } from "./toast.js";

/** Puts a task where it now stands in the list. @param {HTMLElement} task @param {Element | null} before */
async function settle(task, before) {
  const list = task.parentElement;
  const previous = task.previousElementSibling;
  const place = previous instanceof HTMLElement ? (previous.dataset.id ?? "first") : "first";
  const all = [...(list?.children ?? [])];
  speak(say("moved", { n: all.indexOf(task) + 1, of: all.length }));
  await change(`/tasks/${task.dataset.id}`, { place }, (ok) => ok || list?.insertBefore(task, before));
}

/** @param {HTMLElement} task @param {number} step */
export async function shift(task, step) {
  const list = task.parentElement;
  const before = task.nextElementSibling;
  const other = step < 0 ? task.previousElementSibling : task.nextElementSibling;
  if (!other || !list) return;
  const held = document.activeElement;
  list.insertBefore(task, step < 0 ? other : other.nextElementSibling);
  if (held instanceof HTMLElement && task.contains(held)) held.focus();
  await settle(task, before);
}

/** @param {PointerEvent} event */
function drag(event) {
  const grip = event.target instanceof Element ? event.target.closest(".grip") : null;
  const task = /** @type {HTMLElement | null} */ (grip?.closest(".task"));
  const list = task?.parentElement;
  if (!grip || !task || !list || event.button) return;
  const before = task.nextElementSibling;
  task.classList.add("drag");
  event.preventDefault();
  const over = (/** @type {PointerEvent} */ move) => {
    if (move.pointerId !== event.pointerId) return;
    for (const other of list.children) {
      if (other === task) continue;
      const box = other.getBoundingClientRect();
      const middle = box.top + box.height / 2;
      const isAfter = Boolean(task.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
      if (isAfter && move.clientY > middle) other.after(task);
      else if (!isAfter && move.clientY < middle) {
        other.before(task);
        break;
      }
    }
  };
  const end = (/** @type {PointerEvent} */ up) => {
    if (up.pointerId !== event.pointerId) return;
    task.classList.remove("drag");
    delete task.dataset.busy;
    listening.abort();
    if (up.type === "pointercancel") list.insertBefore(task, before);
    else if (task.nextElementSibling !== before) settle(task, before);
  };
  // On the document: the grip itself moves in the tree, and would lose a captured pointer.
  const listening = new AbortController();
  const { signal } = listening;
  hold(task);
  document.addEventListener("pointermove", over, { signal });
  document.addEventListener("pointerup", end, { signal });
  document.addEventListener("pointercancel", end, { signal });
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const grip = event.target instanceof Element ? event.target.closest(".grip") : null;
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const task = grip?.closest(".task");
  if (!step || event.altKey || event.defaultPrevented || !(task instanceof HTMLElement)) return;
  event.preventDefault();
  shift(task, step);
}

let started = false;
/** @param {Event} event what brought this module */
export function start(event) {
  if (event.type === "pointerdown" && event instanceof PointerEvent) drag(event);
  if (event instanceof KeyboardEvent) pressed(event);
  if (started) return;
  started = true;
  document.addEventListener("pointerdown", drag);
  document.addEventListener("keydown", pressed);
}
