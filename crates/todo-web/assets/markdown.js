/** Markdown of answers as elements. Text only ever becomes text: nothing an answer says can become markup. */

import { el } from "./toast.js";

/** @param {string} address */
const safe = (address) => (/^(https?:|mailto:|\/(?!\/))/i.test(address) ? address : "#");

/** @param {string} text @returns {(Node | string)[]} */
function inline(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  const pattern = /`([^`]+)`|\*\*(.+?)\*\*|~~(.+?)~~|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(at, match.index));
    const [all, code, strong, gone, em, label, address] = match;
    if (code) parts.push(el("code", {}, code));
    else if (strong) parts.push(el("strong", {}, ...inline(strong)));
    else if (gone) parts.push(el("s", {}, ...inline(gone)));
    else if (em) parts.push(el("em", {}, ...inline(em)));
    else parts.push(el("a", { href: safe(address ?? ""), rel: "noopener noreferrer" }, label ?? ""));
    at = match.index + all.length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** @param {string} source @returns {Node[]} */
export function markdown(source) {
  /** @type {Node[]} */
  const blocks = [];
  let list = /** @type {HTMLElement | null} */ (null);
  let code = /** @type {HTMLElement | null} */ (null);
  let open = false;
  for (const line of source.split("\n")) {
    if (line.startsWith("```")) {
      code = code ? null : el("pre", {}, el("code"));
      if (code) blocks.push(code);
      open = false;
      continue;
    }
    if (code) {
      code.firstElementChild?.append(`${line}\n`);
      continue;
    }
    const item = /^\s*(?:([-*•])|(\d+)[.)])\s+(.*)$/.exec(line);
    if (item) {
      const tag = item[2] ? "ol" : "ul";
      if (!list || list.localName !== tag) {
        list = el(tag);
        if (item[2]) list.setAttribute("start", item[2]);
        blocks.push(list);
      }
      list.append(el("li", {}, ...inline(item[3] ?? "")));
      open = false;
      continue;
    }
    list = null;
    if (!line.trim()) {
      open = false;
      continue;
    }
    const last = blocks.at(-1);
    if (open && last instanceof HTMLElement) last.append(el("br"), ...inline(line));
    else blocks.push(el("p", {}, ...inline(line.replace(/^#{1,6}\s+/, ""))));
    open = true;
  }
  return blocks;
}
