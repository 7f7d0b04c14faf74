/** Choosing several tasks and doing the same to all: by key, by a long press, or by the button above the list. */

import { change } from "./app.js";
import { askDate, askPriority } from "./ask.js";
import { el, say } from "./toast.js";

/** How long a finger rests to choose, in milliseconds: less than what brings the browser's own menu. */
const PRESS = 400;
/** How far it may move meanwhile, in pixels. */
const SLACK = 10;

/** @type {Set<string>} */
const chosen = new Set();
/** @type {HTMLElement | undefined} */
let bar;
/** A press on a task chooses it. */
let choosing = false;
/** The click that ends a long press means nothing more. */
let spent = false;

/** @param {HTMLElement} task */
export function toggle(task) {
  const id = task.dataset.id ?? "";
  if (!chosen.delete(id)) chosen.add(id);
  show();
}

export function clear() {
  chosen.clear();
  choosing = false;
  show();
}

/** @param {Record<string, string>} fields */
async function all(fields) {
  const tasks = [...chosen].join(",");
  if (!tasks) return;
  clear();
  await change("/tasks/bulk", { ...fields, tasks });
}

function show() {
  document.body.classList.toggle("choosing", choosing);
  for (const task of document.querySelectorAll(".task[data-id]")) {
    const on = chosen.has(/** @type {HTMLElement} */ (task).dataset.id ?? "");
    task.classList.toggle("selected", on);
  }
  bar?.remove();
  bar = undefined;
  if (!chosen.size && !choosing) return;
  const act = (/** @type {string} */ text, /** @type {() => unknown} */ onclick) => el("button", { type: "button", className: "quiet", onclick }, text);
  bar = el(
    "section",
    { className: "bulk" },
    el("strong", { role: "status" }, say("selected", { n: chosen.size })),
    act(say("complete"), () => all({ action: "complete" })),
    act(say("date"), async () => {
      const due = await askDate();
      if (due) all({ action: "update", due });
    }),
    act(say("priority"), async () => {
      const priority = await askPriority();
      if (priority) all({ action: "update", priority });
    }),
    act(say("delete"), () => all({ action: "delete" })),
    act(say("select-none"), clear),
  );
  bar.setAttribute("aria-label", say("selected", { n: chosen.size }));
  document.getElementById("main")?.after(bar);
}

/** @param {Event} event @returns {HTMLElement | null} */
const taskOf = (event) => (event.target instanceof Element ? event.target.closest("#main .task[data-id]") : null);

/** @param {PointerEvent} event */
function pressed(event) {
  spent = false;
  const task = taskOf(event);
  if (event.pointerType !== "touch" || !task || (event.target instanceof Element && event.target.closest(".grip"))) return;
  const over = new AbortController();
  const { signal } = over;
  const timer = setTimeout(() => {
    over.abort();
    spent = choosing = true;
    navigator.vibrate?.(10);
    toggle(task);
  }, PRESS);
  const end = () => {
    clearTimeout(timer);
    over.abort();
  };
  for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, end, { signal });
  document.addEventListener("pointermove", (move) => Math.hypot(move.clientX - event.clientX, move.clientY - event.clientY) > SLACK && end(), { signal });
}

/** @param {MouseEvent} event */
function clicked(event) {
  const task = taskOf(event);
  if (event.target instanceof Element && event.target.closest("#select")) {
    if (choosing) clear();
    else start(event);
  } else if (task && (choosing || spent)) {
    event.preventDefault();
    event.stopPropagation();
    if (!spent) toggle(task);
    spent = false;
  }
}

/** @param {Event} event what brought this module */
export function start(event) {
  if (event instanceof PointerEvent && event.type === "pointerdown") return pressed(event);
  choosing = true;
  show();
}

document.addEventListener("todo:shown", show);
document.addEventListener("pointerdown", pressed);
document.addEventListener("click", clicked, true);
// The browser's menu of the link under the finger.
document.addEventListener("contextmenu", (event) => spent && event.preventDefault());
