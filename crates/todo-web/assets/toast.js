/** What the page says: texts in the reader's language, and short notices with an action. */

/** @type {Record<string, string>} */
const texts = JSON.parse(document.getElementById("texts")?.textContent || "{}");

/**
 * The text of that name, with its placeholders filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
export function say(name, values = {}) {
  return (texts[name] ?? name).replace(/\{(\w+)\}/g, (all, key) => String(values[key] ?? all));
}

/**
 * An element with properties and children; text is always text, never markup.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown> & ThisType<HTMLElementTagNameMap[T]>} [props]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name in node) Reflect.set(node, name, value);
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/**
 * A picture from the sprite that the page already uses.
 * @param {string} name
 */
export function icon(name) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(ns, "use");
  use.setAttribute("href", new URL(`icons.svg#${name}`, import.meta.url).pathname + `#${name}`);
  svg.append(use);
  return svg;
}

/**
 * Says something at the bottom of the page for a while; longer when there is something to press.
 * @param {string} text
 * @param {{ label?: string, act?: () => unknown, urgent?: boolean }} [options]
 */
export function toast(text, { label, act, urgent } = {}) {
  const place = /** @type {HTMLElement} */ (document.getElementById("toasts"));
  // Behind what lies over the page nothing is seen.
  const home = document.querySelector("dialog.sheet") ?? document.body;
  if (place.parentElement !== home) home.append(place);
  const note = el("div", { className: "toast" }, el("span", {}, text));
  const leave = () => note.remove();
  if (label && act) {
    const press = () => {
      leave();
      act();
    };
    note.append(el("button", { type: "button", onclick: press }, label));
  }
  while (place.children.length > 2) place.firstElementChild?.remove();
  place.append(note);
  if (urgent) speak(text);
  // People who read slowly or press with difficulty can rest on it.
  let timer = setTimeout(leave, label ? 8000 : 4000);
  for (const hold of ["pointerenter", "focusin"]) note.addEventListener(hold, () => clearTimeout(timer));
  for (const go of ["pointerleave", "focusout"]) {
    note.addEventListener(go, () => {
      timer = setTimeout(leave, 3000);
    });
  }
  return leave;
}

/**
 * Says something to screen readers at once.
 * @param {string} text
 */
export function speak(text) {
  const place = document.getElementById("alerts");
  if (place) place.textContent = text;
}
