/** The conversation with the assistant: streamed answers, tools as cards, questions as buttons, and past conversations. */

import { undo } from "./app.js";
import { markdown } from "./markdown.js";
import { refresh } from "./page.js";
import { api, freshKey } from "./send.js";
import { events } from "./stream.js";
import { el, icon, say, toast } from "./toast.js";

const root = () => /** @type {HTMLElement} */ (document.getElementById("chat"));
const log = () => /** @type {HTMLElement} */ (root().querySelector(".messages"));
const field = () => /** @type {HTMLTextAreaElement} */ (root().querySelector(".composer textarea"));

/** @type {string | null} */
let conversation = null;
/** @type {AbortController | null} */
let running = null;
/** @type {Node[]} what the panel shows when there is no conversation */
let welcome = [];

/** @typedef {{ id?: string, call_id?: string, name?: string, tool?: string, arguments?: unknown, parameters?: unknown, result?: unknown, error?: unknown, success?: boolean, ok?: boolean, status?: string, duration_ms?: number, operation_id?: string | null }} Tool */

/** Follows new text only when the person is already reading the end. */
function keepEnd() {
  const box = log();
  if (box.scrollHeight - box.scrollTop - box.clientHeight < 160) box.scrollTop = box.scrollHeight;
}

/** @param {string} text @param {() => unknown} onclick @param {string} picture */
const small = (text, onclick, picture) => el("button", { type: "button", className: "quiet", title: text, ariaLabel: text, onclick }, icon(picture));

/** @param {string} text */
function copy(text) {
  navigator.clipboard?.writeText(text).then(() => toast(say("copied")));
}

/** @param {string} text */
function mine(text) {
  const edit = () => {
    field().value = text;
    field().focus();
  };
  const row = el("div", { className: "tools-row" }, small(say("edit"), edit, "edit"), small(say("copy"), () => copy(text), "copy"));
  const message = el("div", { className: "message mine" }, el("span", { className: "hidden" }, `${say("you")}: `), el("div", { className: "text", dir: "auto" }, text), row);
  log().append(message);
  log().scrollTop = log().scrollHeight;
  return message;
}

/** One answer, growing while it streams. */
function theirs() {
  const text = el("div", { className: "text", dir: "auto" });
  const row = el("div", { className: "tools-row" });
  const waiting = el("span", { className: "thinking" }, say("thinking"));
  const message = el("div", { className: "message" }, el("span", { className: "hidden" }, `${say("assistant")}: `), waiting, text, row);
  log().append(message);
  let source = "";
  let frame = 0;
  /** @type {Map<string, HTMLDetailsElement>} */
  const cards = new Map();
  const draw = () => {
    frame = 0;
    text.replaceChildren(...markdown(source));
    keepEnd();
  };
  return {
    message,
    get source() {
      return source;
    },
    /** @param {string} more */
    write(more) {
      waiting.remove();
      source += more;
      frame ||= requestAnimationFrame(draw);
    },
    /** @param {Tool} tool */
    tool(tool) {
      waiting.remove();
      const key = tool.id ?? tool.call_id ?? tool.name ?? tool.tool ?? "";
      const fresh = card(tool, cards.get(key));
      if (!cards.has(key)) text.before(fresh);
      cards.set(key, fresh);
      keepEnd();
    },
    /** @param {string} question @param {{ label: string, value: string }[]} options */
    ask(question, options) {
      waiting.remove();
      if (question && !source.includes(question)) this.write(question);
      const buttons = options.map(({ label, value }, index) =>
        el("button", { type: "button", className: "choice", onclick: () => submit(value) }, `${index + 1}. ${label}`),
      );
      row.before(el("div", { className: "choices" }, ...buttons));
      keepEnd();
    },
    /** @param {string} engine @param {string} asked */
    end(engine, asked) {
      waiting.remove();
      if (frame) cancelAnimationFrame(frame);
      draw();
      row.replaceChildren(el("span", { className: "engine" }, engine), small(say("copy"), () => copy(source), "copy"), small(say("retry"), () => submit(asked), "repeat"));
      keepEnd();
    },
    /** @param {string} why @param {string} asked */
    fail(why, asked) {
      waiting.remove();
      row.before(el("p", { role: "alert" }, why, " ", el("button", { type: "button", className: "link", onclick: () => submit(asked) }, say("retry"))));
    },
  };
}

/** @param {unknown} value */
const pretty = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

/** @param {Tool} tool @param {HTMLDetailsElement} [old] */
function card(tool, old) {
  const made = old ?? el("details", { className: "card-tool" });
  const failed = tool.success === false || tool.ok === false || tool.error != null || tool.status === "error" || tool.status === "failed";
  const done = failed || tool.result !== undefined || tool.duration_ms !== undefined;
  const name = tool.name ?? tool.tool ?? made.dataset.name ?? "";
  made.dataset.name = name;
  made.classList.toggle("failed", failed);
  const head = el("summary", {}, icon(failed ? "alert" : done ? "done" : "clock"), el("span", {}, name.replaceAll("_", " ")));
  if (tool.duration_ms !== undefined) head.append(el("small", {}, `${tool.duration_ms} ms`));
  const given = tool.arguments ?? tool.parameters;
  const parts = [...made.querySelectorAll("pre")];
  const [args, result] = parts;
  made.replaceChildren(head);
  if (given !== undefined) made.append(el("pre", { ariaLabel: say("arguments"), tabIndex: 0 }, pretty(given)));
  else if (args) made.append(args);
  if (tool.result !== undefined || tool.error != null) made.append(el("pre", { ariaLabel: say("result"), tabIndex: 0 }, pretty(tool.error ?? tool.result)));
  else if (result) made.append(result);
  const operation = tool.operation_id ?? /** @type {{ operation_id?: string } | undefined} */ (tool.result)?.operation_id;
  if (operation) {
    const back = el("button", { type: "button", className: "quiet", onclick: () => undo(operation).then(() => back.remove()) }, icon("undo"), say("undo"));
    head.append(back);
  }
  return made;
}

/** @param {string} text */
async function submit(text) {
  if (running || !text.trim()) return;
  log().querySelector(".welcome")?.remove();
  log().querySelector(".past")?.remove();
  mine(text);
  const answer = theirs();
  running = new AbortController();
  busy(true);
  let engine = "";
  let wrote = false;
  try {
    const response = await fetch("/api/chat", {
      method: "POST",
      signal: running.signal,
      headers: { "content-type": "application/json", accept: "text/event-stream", "idempotency-key": freshKey() },
      body: JSON.stringify({ message: text, ...(conversation ? { conversation_id: conversation } : {}) }),
    });
    if (!response.ok || !response.body) {
      const problem = await response.json().catch(() => null);
      throw new Error(problem?.detail ?? say("chat-failed"));
    }
    let ended = false;
    for await (const { name, data } of events(response.body)) {
      if (data.conversation_id) remember(data.conversation_id);
      engine = data.engine ?? data.model ?? engine;
      if (name === "text.delta") answer.write(data.text ?? data.delta ?? "");
      else if (name === "tool.started") answer.tool(data);
      else if (name === "tool.finished") {
        answer.tool(data);
        wrote = true;
      } else if (name === "question") {
        const options = (data.options ?? data.choices ?? []).map((/** @type {any} */ each, /** @type {number} */ index) =>
          typeof each === "string" ? { label: each, value: each } : { label: each.label ?? each.title ?? each.text, value: String(each.value ?? each.send ?? index + 1) },
        );
        answer.ask(data.text ?? data.question ?? "", options);
      } else if (name === "error") throw new Error(data.detail ?? data.message ?? say("chat-failed"));
      else if (name === "done") {
        ended = true;
        if (!answer.source && data.response) answer.write(data.response);
      }
    }
    if (!ended) throw new Error(say("chat-failed"));
    answer.end(engine === "builtin" || !engine ? say("builtin") : engine, text);
    // One message for those who listen, when it is whole; the stream itself would be noise.
    const spoken = root().querySelector("[data-chat=spoken]");
    if (spoken) spoken.textContent = answer.source;
  } catch (error) {
    if (running.signal.aborted) answer.end(say("stopped"), text);
    else answer.fail(error instanceof TypeError || !(error instanceof Error) ? say("chat-failed") : error.message, text);
  } finally {
    running = null;
    busy(false);
    if (wrote) refresh();
  }
}

/** @param {boolean} on */
function busy(on) {
  log().setAttribute("aria-busy", String(on));
  const button = /** @type {HTMLButtonElement} */ (root().querySelector(".send"));
  button.dataset.label ??= button.ariaLabel ?? "";
  button.ariaLabel = on ? say("stop") : button.dataset.label;
  button.replaceChildren(icon(on ? "stop" : "send"));
}

/** @param {string | number | null} id */
function remember(id) {
  conversation = id === null ? null : String(id);
  if (conversation) localStorage.setItem("chat", conversation);
  else localStorage.removeItem("chat");
}

function begin() {
  running?.abort();
  remember(null);
  log().replaceChildren(...welcome);
  field().focus();
}

/** @param {string} id */
async function show(id) {
  const past = await api(`/api/conversations/${id}`).catch(() => null);
  const messages = past?.messages ?? (await api(`/api/conversations/${id}/messages`).catch(() => null))?.messages;
  if (!messages) return remember(null);
  remember(id);
  log().replaceChildren();
  let asked = "";
  for (const each of messages) {
    if (each.role === "user") mine((asked = each.content));
    else {
      const answer = theirs();
      for (const tool of each.tool_calls ?? []) answer.tool(tool);
      answer.write(each.content ?? "");
      answer.end(each.engine && each.engine !== "builtin" ? each.engine : (each.model ?? say("builtin")), asked);
    }
  }
  log().scrollTop = log().scrollHeight;
}

/** Past conversations, with search, rename and delete. */
async function history() {
  const search = el("input", { type: "search", placeholder: say("search-conversations"), ariaLabel: say("search-conversations") });
  const list = el("ul", {});
  const draw = async () => {
    const q = search.value.trim();
    const found = await api(`/api/conversations${q ? `?${new URLSearchParams({ search: q })}` : ""}`).catch(() => ({ conversations: [] }));
    const items = (found.conversations ?? []).map((/** @type {{ id: string, title?: string, updated_at: string }} */ each) => {
      const name = each.title || say("assistant");
      const rename = () => {
        const input = el("input", { value: name, ariaLabel: say("rename"), maxLength: 100 });
        const save = async () => {
          if (input.value.trim() && input.value !== name) await api(`/api/conversations/${each.id}`, { title: input.value.trim() }, "PATCH").catch((error) => toast(error.message));
          draw();
        };
        input.onkeydown = (event) => event.key === "Enter" && input.blur();
        input.onblur = save;
        item.replaceChildren(input);
        input.select();
      };
      const remove = async () => {
        const { ask } = await import("./ask.js");
        if ((await ask(say("delete-conversation"), [["yes", say("remove")]])) !== "yes") return;
        await api(`/api/conversations/${each.id}`, undefined, "DELETE").catch((error) => toast(error.message));
        if (conversation === String(each.id)) remember(null);
        draw();
      };
      const when = new Date(each.updated_at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
      const item = el(
        "li",
        {},
        el("button", { type: "button", onclick: () => show(each.id) }, el("bdi", {}, name), el("small", {}, when)),
        small(`${say("rename")}: ${name}`, rename, "edit"),
        small(`${say("remove")}: ${name}`, remove, "trash"),
      );
      return item;
    });
    list.replaceChildren(...(items.length ? items : [el("li", { className: "hint" }, say("no-conversations"))]));
  };
  search.oninput = draw;
  log().replaceChildren(el("div", { className: "past" }, search, list));
  await draw();
  search.focus();
}

let started = false;
/** @param {Event} [event] */
export function start(event) {
  if (started || !document.getElementById("chat")) return;
  started = true;
  welcome = [...log().children];
  root().addEventListener("submit", (sent) => {
    sent.preventDefault();
    if (running) return running.abort();
    const text = field().value;
    field().value = "";
    submit(text);
  });
  root().addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const starter = target.closest(".starter");
    if (starter) submit(starter.textContent ?? "");
    const what = /** @type {HTMLElement | null} */ (target.closest("[data-chat]"))?.dataset.chat;
    if (what === "new") begin();
    if (what === "history") history();
    if (running && target.closest(".send")) {
      running.abort();
    }
  });
  const last = localStorage.getItem("chat");
  if (last) show(last);
  if (event?.type === "pointerdown") event.target instanceof HTMLElement && event.target.focus?.();
}
