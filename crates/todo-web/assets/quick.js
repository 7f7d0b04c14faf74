/** Shows while the person writes what is understood: marks in the text, and a chip for each that takes it back. */

import { api } from "./send.js";
import { el, say, toast } from "./toast.js";

/** @typedef {{ utf16_start: number, utf16_end: number, kind: string, text: string }} Span */

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let latest = 0;

/** @param {Event} event */
export function start(event) {
  document.addEventListener("input", (input) => {
    if (input.target instanceof HTMLTextAreaElement && input.target.id === "text") soon(input.target);
  });
  document.addEventListener("todo:shown", () => {
    const field = document.getElementById("text");
    if (field instanceof HTMLTextAreaElement) soon(field);
  });
  if (event.target instanceof HTMLTextAreaElement) soon(event.target);
}

/** @param {HTMLTextAreaElement} field */
function soon(field) {
  clearTimeout(timer);
  const text = field.value;
  const turn = ++latest;
  if (!text.trim() || text.includes("\n")) return show(field, []);
  timer = setTimeout(async () => {
    const parsed = await api("/api/parse", { text }).catch(() => null);
    if (turn === latest && parsed) show(field, parsed.spans ?? []);
  }, 50);
}

/** @param {HTMLTextAreaElement} field @param {Span[]} spans */
function show(field, spans) {
  const text = field.value;
  const marks = field.parentElement?.querySelector(".marks");
  if (!marks) return;
  let at = 0;
  const parts = [];
  for (const span of spans) {
    parts.push(text.slice(at, span.utf16_start), el("mark", {}, text.slice(span.utf16_start, span.utf16_end)));
    at = span.utf16_end;
  }
  marks.replaceChildren(...parts, text.slice(at));
  let chips = field.parentElement?.querySelector(".chips");
  if (!chips) {
    chips = el("div", { className: "chips" });
    field.after(chips);
  }
  chips.replaceChildren(
    ...spans.map((span) =>
      el("button", { type: "button", className: "chip", title: say("literal"), onclick: () => literal(field, span) }, el("span", {}, span.text), " ×"),
    ),
  );
}

/** A backslash before each word keeps it as it is written. @param {HTMLTextAreaElement} field @param {Span} span */
function literal(field, span) {
  const { value } = field;
  const kept = value.slice(span.utf16_start, span.utf16_end).replace(/\S+/g, "\\$&");
  field.value = value.slice(0, span.utf16_start) + kept + value.slice(span.utf16_end);
  field.focus();
  toast(say("literal"));
  soon(field);
}
