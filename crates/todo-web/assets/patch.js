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
  // What belongs into it comes later.
  if (fresh.hasAttribute("data-later")) return;
  if (old.id === "chat" || old.isEqualNode(fresh) || isBusy(old)) return;
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

/** @param {Node} node */
const isBusy = (node) => node instanceof HTMLElement && node.dataset.busy !== undefined;

/**
 * @param {Element} old
 * @param {Element} fresh
 */
function children(old, fresh) {
  /** @type {Map<string, Element>} */
  const keyed = new Map();
  // What is gone goes first: else everything behind it would be moved up before it.
  const stays = new Set([...fresh.children].map(keyOf));
  for (const child of [...old.children]) {
    if (!child.id) continue;
    if (stays.has(child.id) || isBusy(child)) keyed.set(child.id, child);
    else child.remove();
  }
  /** @type {ChildNode | null} */
  let here = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = keyOf(wanted);
    while (here && isBusy(here) && !stays.has(keyOf(here))) here = here.nextSibling;
    /** @type {ChildNode | null | undefined} */
    let match = key ? keyed.get(key) : here;
    if (!key) while (match && keyOf(match) && fresh.querySelector(`#${CSS.escape(keyOf(match))}`)) match = match.nextSibling;
    if (match && match.nodeType === wanted.nodeType && match.nodeName === wanted.nodeName && keyOf(match) === key) {
      if (here instanceof Element && here.id && here.nextSibling === match) {
        // One that goes down goes aside, or all others would be moved up before it.
        old.append(here);
        here = match;
      }
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
    if (!isBusy(here)) here.remove();
    here = next;
  }
}
