/** The person's own order: by dragging, or by keyboard with the grip focused. */

import { change } from "./app.js";
import { hold } from "./patch.js";
import { say, speak } from "./toast.js";

/** So near to the edge of the window, in pixels, a task that is dragged moves the page along; at the edge itself a pixel a millisecond. */
const EDGE = 60;

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
  if (!grip || !task || !list || event.button || event.defaultPrevented) return;
  const before = task.nextElementSibling;
  task.classList.add("drag");
  event.preventDefault();
  let y = event.clientY;
  const over = () => {
    for (const other of list.children) {
      if (other === task) continue;
      const box = other.getBoundingClientRect();
      const middle = box.top + box.height / 2;
      const isAfter = Boolean(task.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
      if (isAfter && y > middle) other.after(task);
      else if (!isAfter && y < middle) {
        other.before(task);
        break;
      }
    }
  };
  const moved = (/** @type {PointerEvent} */ move) => {
    if (move.pointerId !== event.pointerId) return;
    y = move.clientY;
    over();
  };
  // Also while the pointer rests at the edge.
  let seen = performance.now();
  const scroll = (/** @type {number} */ now) => {
    if (signal.aborted) return;
    const beyond = Math.min(0, y - EDGE) + Math.max(0, y - innerHeight + EDGE);
    if (beyond) {
      scrollBy({ top: (Math.max(-EDGE, Math.min(EDGE, beyond)) / EDGE) * Math.max(0, now - seen), behavior: "instant" });
      over();
    }
    seen = now;
    requestAnimationFrame(scroll);
  };
  const end = (/** @type {PointerEvent | KeyboardEvent} */ up) => {
    if (up instanceof KeyboardEvent ? up.key !== "Escape" : up.pointerId !== event.pointerId) return;
    task.classList.remove("drag");
    delete task.dataset.busy;
    listening.abort();
    if (up.type !== "pointerup") list.insertBefore(task, before);
    else if (task.nextElementSibling !== before) settle(task, before);
  };
  // On the document: the grip itself moves in the tree, and would lose a captured pointer.
  const listening = new AbortController();
  const { signal } = listening;
  hold(task);
  document.addEventListener("pointermove", moved, { signal });
  document.addEventListener("pointerup", end, { signal });
  document.addEventListener("pointercancel", end, { signal });
  document.addEventListener("keydown", end, { signal });
  requestAnimationFrame(scroll);
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

/** @param {Event} event what brought this module */
export function start(event) {
  if (event instanceof KeyboardEvent) pressed(event);
  else if (event instanceof PointerEvent && event.type === "pointerdown") drag(event);
}

document.addEventListener("pointerdown", drag);
document.addEventListener("keydown", pressed);
