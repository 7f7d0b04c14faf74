/** Everything by keyboard. Single letters can be switched off in the settings (WCAG 2.1.4). */

import { change, redo, undo } from "./app.js";
import { go } from "./page.js";
import { hold } from "./patch.js";
import { el, say } from "./toast.js";

/** @type {string | undefined} id of the row on which keys act */
let now;
let afterG = false;

const rows = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#main .task[data-id]")]);
const row = () => rows().find((each) => each.id === now);

/** @param {number} step */
function walk(step) {
  const all = rows();
  const at = all.findIndex((each) => each.id === now);
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  if (next) stand(next);
}

/** @param {HTMLElement} next */
function stand(next) {
  for (const each of document.querySelectorAll(".task.now")) each.classList.remove("now");
  now = next.id;
  next.classList.add("now");
  /** @type {HTMLElement | null} */ (next.querySelector(".title"))?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

/** @param {string} field @param {string | null} value */
async function set(field, value) {
  const task = row();
  if (task && value !== null) await change(`/tasks/${task.dataset.id}`, { [field]: value });
}

/** Edits the title where it stands. @param {HTMLElement} task */
export function editTitle(task) {
  const title = /** @type {HTMLElement | null} */ (task.querySelector(".title"));
  if (!title || title.hidden) return;
  const field = el("input", { className: "title-edit", value: title.textContent ?? "", maxLength: 200, dir: "auto", ariaLabel: say("title") });
  let over = false;
  const end = (/** @type {boolean} */ keep) => {
    if (over) return;
    over = true;
    delete task.dataset.busy;
    const text = field.value.trim();
    field.remove();
    title.hidden = false;
    title.focus();
    if (keep && text && text !== title.textContent) {
      const before = title.textContent;
      title.replaceChildren(el("bdi", {}, text));
      change(`/tasks/${task.dataset.id}`, { title: text }, (ok) => ok || title.replaceChildren(el("bdi", {}, before ?? "")));
    }
  };
  field.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && !event.isComposing) end(true);
    if (event.key === "Escape") end(false);
  };
  field.onblur = () => end(true);
  // A refresh meanwhile leaves the row alone.
  hold(task);
  title.hidden = true;
  title.after(field);
  field.select();
}

const focus = (/** @type {string} */ selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector))?.focus();
const press = (/** @type {string} */ selector) => /** @type {HTMLElement | null | undefined} */ (row()?.querySelector(selector))?.click();

/** @type {[keys: string, text: string, act: () => unknown][]} */
const MAP = [
  ["q", "key-add", () => focus("#text")],
  ["/", "key-search", () => focus(".find input")],
  ["j", "key-next", () => walk(1)],
  ["k", "key-previous", () => walk(-1)],
  ["x", "key-complete", () => press(".check")],
  ["Enter", "key-open", () => press(".title")],
  ["e", "key-edit", () => { const task = row(); if (task) editTitle(task); }],
  ["d", "key-date", async () => set("due", await (await import("./ask.js")).askDate())],
  ["p", "key-priority", async () => set("priority", await (await import("./ask.js")).askPriority())],
  ["s", "key-select", () => { const task = row(); if (task) import("./select.js").then(({ toggle }) => toggle(task)); }],
  ["Delete", "key-delete", () => press(".remove")],
  ["z", "key-undo", () => undo()],
  ["Alt+↑", "key-up", () => move(-1)],
  ["Alt+↓", "key-down", () => move(1)],
  ["g", "key-go", () => { afterG = true; setTimeout(() => (afterG = false), 1500); }],
  ["c", "key-chat", () => (document.querySelector("aside.chat")?.checkVisibility() ? focus(".composer textarea") : go("/chat"))],
  ["?", "key-help", async () => (await import("./help.js")).open(MAP)],
];
/** @type {Record<string, string>} */
const PLACES = { t: "/today", u: "/upcoming", i: "/inbox", a: "/all", c: "/completed", s: "/stats", h: "/history" };

/** @param {number} step */
function move(step) {
  const task = row();
  if (task?.closest("[data-movable]")) import("./move.js").then(({ shift }) => shift(task, step));
}

/** Whether something lies over the page. */
export const isCovered = () => Boolean(document.querySelector("dialog:popover-open"));

/** @param {KeyboardEvent} event */
function pressed(event) {
  const { target, key } = event;
  if (!document.getElementById("side")) return;
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "k") {
    event.preventDefault();
    import("./palette.js").then(({ open }) => open());
    return;
  }
  const field = target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable);
  if (field && key === "Escape" && !isCovered()) /** @type {HTMLElement} */ (target).blur();
  if (field || isCovered()) return;
  const arrow = event.altKey && { ArrowUp: "Alt+↑", ArrowDown: "Alt+↓" }[key];
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") {
    event.preventDefault();
    event.shiftKey ? redo() : undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || (event.altKey && !arrow)) return;
  const single = key.length === 1;
  if (single && document.documentElement.dataset.keys === "off") return;
  if (afterG && PLACES[key]) {
    afterG = false;
    event.preventDefault();
    go(PLACES[key]);
    return;
  }
  if (key === "Escape") {
    import("./select.js").then(({ clear }) => clear());
    return;
  }
  // Enter on a link or button does what the link or button does.
  if (key === "Enter" && target instanceof HTMLElement && target.matches("a, button, summary")) return;
  const found = MAP.find(([name]) => name === (arrow || key));
  if (!found) return;
  event.preventDefault();
  found[2]();
}

document.addEventListener("keydown", pressed);
document.addEventListener("focusin", ({ target }) => {
  const task = target instanceof Element ? target.closest("#main .task[data-id]") : null;
  if (task instanceof HTMLElement && task.id !== now) {
    for (const each of document.querySelectorAll(".task.now")) each.classList.remove("now");
    now = task.id;
    task.classList.add("now");
  }
});
document.addEventListener("todo:shown", () => row()?.classList.add("now"));
