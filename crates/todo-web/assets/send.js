/** Sends changes to our own routes. */

/** A refusal, with what the server says about it. */
export class Refused extends Error {
  /**
   * @param {string} detail
   * @param {number} status
   * @param {number} wait seconds after which to try again
   */
  constructor(detail, status, wait) {
    super(detail);
    this.status = status;
    this.wait = wait;
  }
}

/** @typedef {{ action: string, fields: Record<string, string> }} Reverse a change that takes another back, where no operation does */
/** @typedef {{ said?: string, operation?: string | null, reverse?: Reverse | null, queued?: boolean, go?: string | null }} Done */

/** A fresh key by which the server knows a repeated request. Works outside secure contexts too. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A refusal that a later try may escape: the session ended, too many requests, a fault of the server. @param {Refused} refused */
export const mayPass = ({ status }) => status === 401 || status === 429 || status >= 500;

/**
 * Sends fields to a route; without a connection or a session they wait in this browser.
 * @param {string} action
 * @param {Record<string, string> | FormData} fields
 * @returns {Promise<Done>}
 */
export async function send(action, fields) {
  const body = new URLSearchParams(/** @type {Record<string, string>} */ (fields instanceof FormData ? Object.fromEntries(fields) : fields));
  const key = freshKey();
  try {
    return await deliver(action, body.toString(), key);
  } catch (error) {
    const isOut = error instanceof Refused && error.status === 401;
    if (!isOut && !(error instanceof TypeError)) throw error;
    const { queue } = await import("./offline.js");
    await queue({ action, body: body.toString(), key });
    // Leads to the sign-in, after which what waits is sent.
    if (isOut) location.reload();
    return { queued: true };
  }
}

/** @param {Element} field */
function isChanged(field) {
  if (field instanceof HTMLSelectElement) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked !== field.defaultChecked;
  return (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) && field.value !== field.defaultValue;
}

// Of a task only what the person changed is sent: the rest may have been changed elsewhere since the form was made.
document.addEventListener("formdata", ({ formData, target }) => {
  if (!(target instanceof HTMLFormElement) || target.id !== "edit") return;
  const changed = new Set([...target.elements].filter(isChanged).map((field) => field.getAttribute("name")));
  // Day and time are one date, and a box that is not ticked is known by the word that the form is whole.
  if (changed.has("day") || changed.has("time")) for (const name of ["day", "time"]) changed.add(name);
  if (changed.has("after")) changed.add("whole");
  for (const name of [...formData.keys()]) if (!changed.has(name) && name !== "back") formData.delete(name);
});

/**
 * One try, and another when the server asks for patience.
 * @param {string} action
 * @param {string} body
 * @param {string} key
 * @returns {Promise<Done>}
 */
export async function deliver(action, body, key) {
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
    "idempotency-key": key,
    "x-todo-script": "1",
  };
  const answer = await fetch(action, { method: "POST", body, headers });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  // The service in between is up but the one behind is not: as good as offline.
  if (answer.status === 502) throw new TypeError("unreachable");
  throw new Refused(problem.detail || answer.statusText, answer.status, Number(answer.headers.get("retry-after")) || 0);
}

/**
 * JSON of the API.
 * @param {string} path
 * @param {unknown} [body] posted when given
 * @param {string} [method]
 */
export async function api(path, body, method = body === undefined ? "GET" : "POST") {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json", "x-todo-client": "page" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method === "POST") headers["idempotency-key"] = freshKey();
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const value = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(value?.detail || value?.message || answer.statusText, answer.status, Number(answer.headers.get("retry-after")) || 0);
  return value;
}
