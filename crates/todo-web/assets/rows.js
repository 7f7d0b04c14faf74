/**
 * Rows of tasks. They are taken out of a page before it is read: a row that the server wrote as before is neither read nor touched, and
 * the others are put up a few at a time, so that the page answers while a long list comes.
 */

import { painted } from "./frame.js";
import { patch } from "./patch.js";

/** A row as the server writes it; its texts are escaped, so the first end is its own. */
const ROW = /<li class="task" id="([^"]+)"[^]*?<\/li>/g;
/** Rows that are read at once. */
const BATCH = 4;
/** Milliseconds of work between two frames. */
const SLICE = 5;

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
  let begun = performance.now();
  while (due.length && isWanted()) {
    const batch = due.splice(0, BATCH);
    const fresh = parse(batch.map(([, row]) => row).join("")).body.children;
    [...fresh].forEach((row, index) => {
      const now = old(row.id);
      if (!now || now.dataset.busy !== undefined) return;
      patch(now, row);
      written.set(now, batch[index]?.[1] ?? "");
    });
    if (due.length && performance.now() - begun > SLICE) {
      await painted();
      begun = performance.now();
    }
  }
}
