/** A small question with answers to choose from, such as a date or a priority. */

import { cover } from "./over.js";
import { el, say } from "./toast.js";

/**
 * @param {string} title
 * @param {[value: string, label: string][]} choices also chosen by their number
 * @param {string} [free] placeholder of a field for anything else
 * @returns {Promise<string | null>}
 */
export function ask(title, choices, free) {
  return new Promise((resolve) => {
    /** @type {string | null} */
    let chosen = null;
    const answer = (/** @type {string | null} */ value) => {
      chosen = value;
      close();
    };
    const buttons = choices.map(([value, label], index) => el("button", { type: "button", onclick: () => answer(value) }, el("kbd", {}, String(index + 1)), " ", label));
    const form = el("form", {}, el("h2", {}, title));
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
    if (buttons[0]) buttons[0].autofocus = true;
    form.addEventListener("keydown", (event) => {
      if (event.target instanceof HTMLInputElement) return;
      const choice = choices[Number(event.key) - 1];
      if (choice) {
        event.preventDefault();
        answer(choice[0]);
      } else if (event.key.length === 1 && event.key !== " ") {
        // A letter begins an answer of one's own.
        form.querySelector("input")?.focus();
      }
    });
    const { close } = cover("ask", title, [form], () => resolve(chosen));
  });
}

/** @returns {Promise<string | null>} a due date in words; empty for none */
export const askDate = () =>
  ask(say("date"), [["today", say("today")], ["tomorrow", say("tomorrow")], ["next week", say("next-week")], ["", say("no-date")]], say("date-example"));

/** @returns {Promise<string | null>} */
export const askPriority = () =>
  ask(say("priority"), [["urgent", say("urgent")], ["high", say("high")], ["medium", say("medium")], ["low", say("low")], ["none", say("none")]]);
