/** The command palette: any page, any command, any task. */

import { change } from "./app.js";
import { cover } from "./over.js";
import { painted } from "./patch.js";
import { fetchPage, go } from "./page.js";
import { el, icon, say } from "./toast.js";

/** @typedef {{ text: string, picture: string, act: () => unknown }} Entry */

/** Everything the page itself links to is a command. @returns {Entry[]} */
function places() {
  return [...document.querySelectorAll("#side nav a")].map((link) => {
    // Read now: a fresh page may make another link of this element before it is chosen.
    const { href } = /** @type {HTMLAnchorElement} */ (link);
    return {
      text: link.querySelector("span:not(.count), bdi")?.textContent ?? "",
      picture: link.querySelector("use")?.getAttribute("href")?.split("#")[1] ?? "all",
      act: () => go(href),
    };
  });
}

/** @param {string} words @param {AbortSignal} signal @returns {Promise<Entry[]>} */
async function tasks(words, signal) {
  const found = await fetchPage(`/search?${new URLSearchParams({ q: words })}`, signal);
  return [...found.querySelectorAll("#list .title")].slice(0, 8).map((link) => ({
    text: link.textContent ?? "",
    picture: "done",
    act: () => import("./sheet.js").then(({ open }) => open(/** @type {HTMLAnchorElement} */ (link).href)),
  }));
}

export function open() {
  if (document.querySelector("dialog.palette")) return;
  const list = el("ul", { id: "palette-list", role: "listbox" });
  list.setAttribute("aria-label", say("palette"));
  const field = el("input", { type: "text", placeholder: say("palette"), ariaLabel: say("palette"), autocomplete: "off", role: "combobox" });
  field.setAttribute("aria-controls", "palette-list");
  field.setAttribute("aria-expanded", "true");
  /** @type {Entry[]} */
  let entries = [];
  let at = 0;
  /** @type {AbortController | undefined} */
  let under;

  const mark = () => {
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    const item = list.children[at];
    field.setAttribute("aria-activedescendant", item?.id ?? "");
    if (at) item?.scrollIntoView({ block: "nearest" });
    else list.scrollTop = 0;
  };
  const show = () => {
    at = 0;
    const items = entries.map((entry, index) => {
      const item = el("li", { id: `palette-${index}`, role: "option", onclick: () => choose(entry) }, icon(entry.picture), el("bdi", {}, entry.text));
      return item;
    });
    list.replaceChildren(...(items.length ? items : [el("li", { role: "option", ariaDisabled: "true", id: "palette-0" }, say("nothing"))]));
    mark();
  };
  const choose = (/** @type {Entry | undefined} */ entry) => {
    if (!entry) return;
    close();
    entry.act();
  };
  const find = async () => {
    under?.abort();
    under = new AbortController();
    const words = field.value.trim();
    const lower = words.toLowerCase();
    const near = places().filter((entry) => entry.text.toLowerCase().includes(lower));
    entries = near;
    if (words) entries = [...near, { text: say("add-it", { text: words }), picture: "plus", act: () => change("/tasks", { text: words }) }];
    show();
    if (!words) return;
    const more = await tasks(words, under.signal).catch(() => null);
    if (more && field.value.trim() === words) {
      entries = [...near, ...more, { text: say("add-it", { text: words }), picture: "plus", act: () => change("/tasks", { text: words }) }];
      show();
    }
  };
  field.addEventListener("input", find);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = (at + step + entries.length) % Math.max(1, entries.length);
      mark();
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      choose(entries[at]);
    }
  });
  const { close } = cover("palette", say("palette"), [field, list]);
  // The field is there at once; what can be chosen is in the next frame.
  painted().then(find);
}
