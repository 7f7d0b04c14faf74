/**
 * Makes the page look like a fresh one from the server while touching only what differs, so that focus, scroll, selection and
 * half-written text stay. What a change under way shows ahead of the server (`data-busy`) stays too,
 * and the conversation, which belongs to its own script.
 *
 * Rows of tasks are taken out of a page before it is read: a row that the server wrote as before is neither read nor touched, and the
 * others are put up a few at a time, so that the page answers while a long list comes.
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

/**
 * Patches a part of the page; if what has the keyboard goes with it, the keyboard stays as near as it can.
 * @param {Element} old
 * @param {Element} fresh
 */
export function renew(old, fresh) {
  const held = document.activeElement;
  const row = held?.closest("li");
  const near = [row, row?.nextElementSibling, row?.previousElementSibling, old];
  patch(old, fresh);
  if (!held || held.isConnected) return;
  for (const place of near) {
    const next = place?.isConnected && place.querySelector("a[href], button");
    if (next instanceof HTMLElement) return next.focus({ preventScroll: true });
  }
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

/**
 * Resolves when the browser has painted what was changed until now, with the milliseconds that took; in a tab that paints nothing, after
 * a moment.
 * @returns {Promise<number>}
 */
export const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame((begun) => setTimeout(() => resolve(performance.now() - begun)));
    setTimeout(resolve, 100, 0);
  });

/** What a frame may take, in milliseconds: twice as much is done in the next one after less, half as much after more. */
const [QUICK, SLOW] = [8, 24];

/**
 * Puts things up, as many in a frame as those before had room for: all at once they would hold up the next key.
 * @template T
 * @param {T[]} due
 * @param {(some: T[]) => void} put
 * @param {() => boolean} isWanted
 */
export async function paced(due, put, isWanted) {
  let room = 2;
  for (let at = 0; at < due.length && isWanted(); ) {
    put(due.slice(at, at + room));
    at += room;
    if (at >= due.length) return;
    const took = await painted();
    if (took < QUICK) room *= 2;
    if (took > SLOW) room = Math.max(2, room / 2);
  }
}

/** A row as the server writes it; its texts are escaped, so the first end is its own. */
const ROW = /<li class="task" id="([^"]+)"[^]*?<\/li>/g;
/** How the server wrote what a row shows. @type {WeakMap<Element, string>} */
const written = new WeakMap();

/** @typedef {{ fresh: Document, rows: Map<string, string> }} Page a page, and what belongs in its rows, by their ids */

/** @param {string} html */
const parse = (html) => new DOMParser().parseFromString(html, "text/html");

/** @param {string} html @returns {Page} */
export function read(html) {
  const rows = new Map();
  const rest = html.replace(ROW, (row, id) => {
    rows.set(id, row);
    return `<li class="task" id="${id}" data-later></li>`;
  });
  return { fresh: parse(rest), rows };
}

/** A script changes this row ahead of the server: it stays so until the change is settled. @param {HTMLElement} row */
export function hold(row) {
  row.dataset.busy = "";
  written.delete(row);
}

/**
 * Shows at once what will be done to a task; answers how to learn whether it was, and to take it back where it was not.
 * @param {string | undefined} what
 * @param {HTMLElement} row
 */
export function ahead(what, row) {
  const done = row.dataset.done;
  if (what === "complete") row.dataset.done = "";
  if (what === "reopen") delete row.dataset.done;
  if (row.matches(".task")) row.classList.add("leaving");
  // Until the server has answered, what is shown ahead of it stays.
  hold(row);
  return (/** @type {boolean} */ ok) => {
    delete row.dataset.busy;
    if (ok) return;
    row.classList.remove("leaving");
    if (done === undefined) delete row.dataset.done;
    else row.dataset.done = done;
  };
}

/**
 * Puts into the rows what belongs there.
 * @param {Element} place
 * @param {Map<string, string>} rows
 * @param {() => boolean} isWanted
 */
export async function fill(place, rows, isWanted) {
  const old = (/** @type {string} */ id) => /** @type {HTMLElement | null} */ (place.querySelector(`#${id}`));
  const due = [...rows].filter(([id, row]) => {
    const now = old(id);
    return now && now.dataset.busy === undefined && written.get(now) !== row;
  });
  const put = (/** @type {[string, string][]} */ some) => {
    const fresh = parse(some.map(([, row]) => row).join("")).body.children;
    [...fresh].forEach((row, index) => {
      const now = old(row.id);
      if (!now || now.dataset.busy !== undefined) return;
      patch(now, row);
      written.set(now, some[index]?.[1] ?? "");
    });
  };
  await paced(due, put, isWanted);
}
