/**
 * Makes the page look like a fresh one from the server while touching only what differs, so that focus, scroll, selection and
 * half-written text stay. What a change under way shows ahead of the server (`data-busy`) stays too,
 * and the conversation, which belongs to its own script.
 */

/** Attributes that the person or a script set on the living page. */
const OWN = new Set(["open", "value"]);

/**
 * @param {Element} old
 * @param {Element} fresh
 */
export function patch(old, fresh) {
  if (old.id === "chat" || old.isEqualNode(fresh) || (old instanceof HTMLElement && old.dataset.busy !== undefined)) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !OWN.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old instanceof HTMLTextAreaElement && document.activeElement === old) return;
  children(old, fresh);
}

/** @param {Node} node */
function keyOf(node) {
  return node instanceof Element ? node.id : "";
}

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function children(old, fresh) {
  /** @type {Map<string, Element>} */
  const keyed = new Map();
  for (const child of old.children) if (child.id) keyed.set(child.id, child);
  /** @type {ChildNode | null} */
  let here = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = keyOf(wanted);
    /** @type {ChildNode | null | undefined} */
    let match = key ? keyed.get(key) : here;
    if (!key) while (match && keyOf(match) && fresh.querySelector(`#${CSS.escape(keyOf(match))}`)) match = match.nextSibling;
    if (match && match.nodeType === wanted.nodeType && match.nodeName === wanted.nodeName && keyOf(match) === key) {
      if (match !== here) old.insertBefore(match, here);
      else here = match.nextSibling;
      if (match instanceof Element && wanted instanceof Element) patch(match, wanted);
      else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
    } else {
      old.insertBefore(wanted, here);
    }
  }
  while (here) {
    const next = here.nextSibling;
    if (!(here instanceof HTMLElement && here.dataset.busy !== undefined)) here.remove();
    here = next;
  }
}
