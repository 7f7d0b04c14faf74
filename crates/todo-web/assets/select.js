/** Choosing several tasks and doing the same to all. */

import { change } from "./app.js";
import { askDate, askPriority } from "./ask.js";
import { el, say } from "./toast.js";

/** @type {Set<string>} */
const chosen = new Set();
/** @type {HTMLElement | undefined} */
let bar;

/** @param {HTMLElement} task */
export function toggle(task) {
  const id = task.dataset.id ?? "";
  if (!chosen.delete(id)) chosen.add(id);
  show();
}

export function clear() {
  chosen.clear();
  show();
}

/** @param {Record<string, string>} fields */
async function all(fields) {
  const tasks = [...chosen].join(",");
  clear();
  await change("/tasks/bulk", { ...fields, tasks });
}

function show() {
  for (const task of document.querySelectorAll(".task[data-id]")) {
    const on = chosen.has(/** @type {HTMLElement} */ (task).dataset.id ?? "");
    task.classList.toggle("selected", on);
  }
  bar?.remove();
  bar = undefined;
  if (!chosen.size) return;
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

document.addEventListener("todo:shown", show);
