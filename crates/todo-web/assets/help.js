/** The map of the keys. */

import { cover } from "./over.js";
import { el, say } from "./toast.js";

/** @param {[key: string, text: string, act: () => unknown][]} keys */
export function open(keys) {
  const line = (/** @type {string} */ key, /** @type {string} */ text) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, say(text)));
  const list = el("dl", {}, line("Ctrl K", "key-palette"), ...keys.map(([key, text]) => line(key, text)));
  const shut = el("button", { type: "button", className: "primary", onclick: () => close() }, say("close"));
  const { close } = cover("ask help", say("keys"), [el("h2", {}, say("keys")), list, shut]);
}
