/**
 * Choosing several tasks and doing the same to all: by key, by a long press, or by the button above the list. While some are chosen, the
 * keys that act on one task act on all of them.
 */

import { change } from "./app.js";
import { ask, askDate, askPriority } from "./ask.js";
import { isCovered } from "./keys.js";
import { ahead } from "./patch.js";
import { el, say } from "./toast.js";

/** How long a finger rests to choose, in milliseconds: less than what brings the browser's own menu. */
const PRESS = 400;
/** How far it may move meanwhile, in pixels. */
const SLACK = 10;

/** @type {Set<string>} */
const chosen = new Set();
/** The task chosen last, from which a range goes on. */
let last = "";
/** @type {HTMLElement | undefined} */
let bar;
/** A press on a task chooses it. */
let choosing = false;
/** The click that ends a long press means nothing more. */
let spent = false;

const rows = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#main .task[data-id]")]);
const idOf = (/** @type {HTMLElement} */ task) => task.dataset.id ?? "";
const chosenRows = () => rows().filter((task) => chosen.has(idOf(task)));

/** @param {HTMLElement} task */
export function toggle(task) {
  last = idOf(task);
  if (!chosen.delete(last)) chosen.add(last);
  show();
}

/** Chooses all from the last one to this. @param {HTMLElement} task */
function range(task) {
  const ids = rows().map(idOf);
  const [from, to] = [Math.max(0, ids.indexOf(last)), ids.indexOf(idOf(task))].sort((a, b) => a - b);
  for (const id of ids.slice(from, (to ?? 0) + 1)) chosen.add(id);
  // A press with the shift key marks text as well.
  getSelection()?.removeAllRanges();
  show();
}

export function clear() {
  chosen.clear();
  choosing = false;
  show();
}

/** @param {Record<string, string>} fields */
async function all(fields) {
  const tasks = chosenRows();
  if (!tasks.length) return;
  const leaves = fields.action !== "update";
  const held = document.activeElement;
  const next = rows().slice(rows().indexOf(/** @type {HTMLElement} */ (tasks.at(-1)))).find((task) => !tasks.includes(task)) ?? rows().find((task) => !tasks.includes(task));
  const isLost = bar?.contains(held) || held === document.body || (leaves && tasks.some((task) => task.contains(held)));
  clear();
  if (isLost) /** @type {HTMLElement | null | undefined} */ ((leaves ? next : tasks[0])?.querySelector(".title") ?? document.getElementById("main"))?.focus();
  const settles = leaves ? tasks.map((task) => ahead(fields.action, task)) : [];
  await change("/tasks/bulk", { ...fields, tasks: tasks.map(idOf).join(",") }, (ok) => settles.forEach((settle) => settle(ok)));
}

/** Asks what to set, unless the answer is to leave it. @param {string} field @param {Promise<string | null>} answer */
async function set(field, answer) {
  const value = await answer;
  if (value !== null) await all({ action: "update", [field]: value });
}

const complete = () => all({ action: chosenRows().every((task) => "done" in task.dataset) ? "reopen" : "complete" });
const remove = () => all({ action: "delete" });
const date = () => set("due", askDate());
const priority = () => set("priority", askPriority());

/** The names of what the side links to. @param {string} kind @returns {[string, string][]} */
const names = (kind) =>
  [...document.querySelectorAll(`#side nav a[href^="/${kind}/"] bdi`)].slice(0, 7).map(({ textContent }) => [textContent ?? "", textContent ?? ""]);
const project = () => set("project", ask(say("project"), [...names("project"), ["", say("no-project")]], say("project-name")));
const label = () => set("label", ask(say("label"), names("label"), say("label-name")));

/** What keys do to one task, done to all. @type {Record<string, () => unknown>} */
const KEYS = { x: complete, d: date, p: priority, Delete: remove };

/** @param {KeyboardEvent} event */
function keyed(event) {
  const { key, target } = event;
  const act = KEYS[key];
  if (!act || !chosen.size || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target instanceof Element && target.matches("input, textarea, select")) return;
  if (isCovered()) return;
  if (key.length === 1 && document.documentElement.dataset.keys === "off") return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function show() {
  document.body.classList.toggle("choosing", choosing);
  for (const task of rows()) task.classList.toggle("selected", chosen.has(idOf(task)));
  if (!chosen.size && !choosing) {
    bar?.remove();
    bar = undefined;
    return;
  }
  if (!bar) {
    const act = (/** @type {string} */ text, /** @type {() => unknown} */ onclick) => el("button", { type: "button", className: "quiet", onclick }, text);
    bar = el(
      "section",
      { className: "bulk" },
      el("strong", { role: "status" }),
      act("", complete),
      act(say("date"), date),
      act(say("priority"), priority),
      act(say("project"), project),
      act(say("label"), label),
      act(say("delete"), remove),
      act(say("select-none"), clear),
    );
    document.getElementById("main")?.after(bar);
  }
  const many = say("selected", { n: chosen.size });
  const [status, first] = bar.children;
  if (status && status.textContent !== many) status.textContent = many;
  const tasks = chosenRows();
  if (first) first.textContent = say(tasks.length && tasks.every((task) => "done" in task.dataset) ? "reopen" : "complete");
  bar.setAttribute("aria-label", many);
}

/** Only what is on the list can be meant. */
function shown() {
  for (const id of chosen) if (!document.getElementById(`t${id}`)) chosen.delete(id);
  show();
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
  } else if (task && (choosing || spent || (chosen.size && (event.shiftKey || event.ctrlKey || event.metaKey)))) {
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey && chosen.size) range(task);
    else if (!spent) toggle(task);
    spent = false;
  }
}

/** @param {Event} event what brought this module */
export function start(event) {
  if (event instanceof PointerEvent && event.type === "pointerdown") return pressed(event);
  choosing = true;
  show();
}

document.addEventListener("todo:shown", shown);
// Before the keys of a single task.
document.addEventListener("keydown", keyed, true);
document.addEventListener("pointerdown", pressed);
document.addEventListener("click", clicked, true);
// The browser's menu of the link under the finger.
document.addEventListener("contextmenu", (event) => spent && event.preventDefault());
