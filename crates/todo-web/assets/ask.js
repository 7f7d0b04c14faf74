/** A small question with answers to choose from, such as a date or a priority. */

import { el, say } from "./toast.js";

/**
 * @param {string} title
 * @param {[value: string, label: string][]} choices also chosen by their number
 * @param {string} [free] placeholder of a field for anything else
 * @returns {Promise<string | null>}
 */
export function ask(title, choices, free) {
  return new Promise((resolve) => {
    const dialog = el("dialog", { className: "ask" });
    const answer = (/** @type {string | null} */ value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const buttons = choices.map(([value, label], index) => el("button", { type: "button", onclick: () => answer(value) }, el("kbd", {}, String(index + 1)), " ", label));
    const form = el("form", { method: "dialog" }, el("h2", {}, title));
    form.setAttribute("data-plain", "");
    if (free) {
      const field = el("input", { ariaLabel: free, placeholder: free, autocomplete: "off" });
      form.append(field);
      form.onsubmit = (event) => {
        event.preventDefault();
        if (field.value.trim()) answer(field.value.trim());
      };
    }
    form.append(...buttons, el("button", { type: "button", className: "quiet", onclick: () => answer(null) }, say("cancel")));
    dialog.append(form);
    dialog.addEventListener("cancel", () => answer(null));
    dialog.addEventListener("click", (event) => event.target === dialog && answer(null));
    dialog.addEventListener("keydown", (event) => {
      const choice = choices[Number(event.key) - 1];
      if (choice && !(event.target instanceof HTMLInputElement && event.target.value)) {
        event.preventDefault();
        answer(choice[0]);
      }
    });
    document.body.append(dialog);
    dialog.showModal();
    (form.querySelector("input") ?? buttons[0])?.focus();
  });
}

/** @returns {Promise<string | null>} a due date in words; empty for none */
export const askDate = () =>
  ask(say("date"), [["today", say("today")], ["tomorrow", say("tomorrow")], ["next week", say("next-week")], ["", say("no-date")]], "next friday 5pm");

/** @returns {Promise<string | null>} */
export const askPriority = () =>
  ask(say("priority"), [["urgent", say("urgent")], ["high", say("high")], ["medium", say("medium")], ["low", say("low")], ["none", say("none")]]);
