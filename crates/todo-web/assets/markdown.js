/**
 * Markdown of answers as elements. Text only ever becomes text: nothing an answer says can become markup. What is still being written
 * is shown as far as it goes.
 */

import { el } from "./toast.js";

/** @param {string} address */
const safe = (address) => (/^(https?:|mailto:|\/(?!\/))/i.test(address) ? address : "#");

/** A link; one that leads away does not take the conversation with it. @param {string} address @param {string} label */
function link(address, label) {
  const made = el("a", { href: safe(address), rel: "noopener noreferrer" }, label);
  if (made.origin !== location.origin) made.target = "_blank";
  return made;
}

const INLINE = new RegExp(
  [
    "`([^`]+)`",
    "\\*\\*(.+?)\\*\\*",
    "(?<!\\w)__(.+?)__(?!\\w)",
    "~~(.+?)~~",
    "\\*([^*\\s](?:[^*]*[^*\\s])?)\\*",
    "(?<!\\w)_([^_\\s](?:[^_]*[^_\\s])?)_(?!\\w)",
    "\\[([^\\]]+)\\]\\(([^)\\s]+)\\)",
    "(https?:\\/\\/[^\\s<>\"]*[^\\s<>\".,;:!?'*_)])",
  ].join("|"),
  "g",
);

/** @param {string} text @returns {(Node | string)[]} */
function inline(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(at, match.index));
    const [all, code, stars, lines, gone, star, line, label, address, bare] = match;
    const strong = stars ?? lines;
    const em = star ?? line;
    if (code) parts.push(el("code", {}, code));
    else if (strong) parts.push(el("strong", {}, ...inline(strong)));
    else if (gone) parts.push(el("s", {}, ...inline(gone)));
    else if (em) parts.push(el("em", {}, ...inline(em)));
    else if (bare) parts.push(link(bare, bare));
    else parts.push(link(address ?? "", label ?? ""));
    at = match.index + all.length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** @param {string} line @returns {string[]} */
const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
const RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/** @param {string[]} lines head, rule, rows */
function table([head, , ...rows]) {
  const row = (/** @type {"th" | "td"} */ tag, /** @type {string} */ line) => el("tr", {}, ...cells(line).map((cell) => el(tag, {}, ...inline(cell))));
  return el("table", {}, el("thead", {}, row("th", head ?? "")), el("tbody", {}, ...rows.map((line) => row("td", line))));
}

/** @param {string} source @returns {Node[]} */
export function markdown(source) {
  /** @type {Node[]} */
  const blocks = [];
  const lines = source.split("\n");
  /** The lists that are open, the innermost last. @type {{ indent: number, list: HTMLElement }[]} */
  let lists = [];
  /** The paragraph that a next line goes on with. @type {HTMLElement | null} */
  let open = null;
  /** The lines from here that are alike. @param {number} from @param {RegExp} like */
  const run = (from, like) => {
    let to = from;
    while (to < lines.length && like.test(lines[to] ?? "")) to++;
    return lines.slice(from, to);
  };
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n] ?? "";
    const item = /^(\s*)(?:[-*+•]|(\d+)[.)])\s+(.*)$/.exec(line);
    const isRule = /^\s*([-*_])(?:\s*\1){2,}\s*$/.test(line);
    if (!line.trim()) {
      open = null;
    } else if (line.startsWith("```")) {
      const code = run(n + 1, /^(?!```)/);
      blocks.push(el("pre", {}, el("code", {}, code.map((each) => `${each}\n`).join(""))));
      n += code.length + 1;
      [lists, open] = [[], null];
    } else if (isRule) {
      blocks.push(el("hr"));
      [lists, open] = [[], null];
    } else if (item) {
      const [, { length: indent }, number, text] = /** @type {[string, string, string | undefined, string]} */ (/** @type {unknown} */ (item));
      const tag = number ? "ol" : "ul";
      while (lists.length && (lists.at(-1)?.indent ?? 0) > indent) lists.pop();
      let top = lists.at(-1);
      if (!top || indent > top.indent + 1 || top.list.localName !== tag) {
        if (top && indent <= top.indent + 1) lists.pop();
        const home = lists.at(-1)?.list.lastElementChild;
        top = { indent, list: el(tag) };
        if (number) top.list.setAttribute("start", number);
        if (home) home.append(top.list);
        else blocks.push(top.list);
        lists.push(top);
      }
      open = el("li", {}, ...inline(text.replace(/^\[ \] /, "☐ ").replace(/^\[x\] /i, "☑ ")));
      top.list.append(open);
    } else if (line.startsWith(">")) {
      const quoted = run(n, /^>/);
      blocks.push(el("blockquote", {}, ...markdown(quoted.map((each) => each.replace(/^> ?/, "")).join("\n"))));
      n += quoted.length - 1;
      [lists, open] = [[], null];
    } else if (line.includes("|") && RULE.test(lines[n + 1] ?? "") && (lines[n + 1] ?? "").includes("|")) {
      const rows = run(n, /\|/);
      blocks.push(table(rows));
      n += rows.length - 1;
      [lists, open] = [[], null];
    } else if (/^#{1,6}\s/.test(line)) {
      blocks.push(el("p", {}, el("strong", {}, ...inline(line.replace(/^#+\s+/, "")))));
      [lists, open] = [[], null];
    } else if (open) {
      open.append(el("br"), ...inline(line.trim()));
    } else {
      lists = [];
      open = el("p", {}, ...inline(line));
      blocks.push(open);
    }
  }
  return blocks;
}
