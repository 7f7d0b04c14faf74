/** The conversation with the assistant: streamed answers, tools as cards, questions as buttons, and past conversations. */

import { reverseOf, undo } from "./app.js";
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
/** The run under way. */
let run = "";
/** @type {Node[]} what the panel shows when there is no conversation */
let welcome = [];

/** @typedef {{ id: string, tool: string, input?: unknown, output?: unknown, status?: string, duration_ms?: number, operation_id?: string | null }} Call */
/** @typedef {{ prompt: string, choices: { label: string, value: string }[] }} Question */

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
    /** @param {Call} call */
    tool(call) {
      waiting.remove();
      const old = cards.get(call.id);
      const fresh = card(call, old);
      if (!old) text.before(fresh);
      cards.set(call.id, fresh);
      keepEnd();
    },
    /** @param {Question} question */
    ask(question) {
      // The choices stand below as buttons; no need to list them twice.
      source = "";
      this.write(question.prompt);
      const buttons = question.choices.map(({ label, value }, index) =>
        el("button", { type: "button", className: "choice", onclick: () => submit(value, label) }, `${index + 1}. ${label}`),
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

/** A tool call as a card: what it is, and inside what it was given and gave. @param {Call} call @param {HTMLDetailsElement} [old] */
function card(call, old) {
  const made = old ?? el("details", { className: "card-tool" });
  const failed = call.status === "error";
  const head = el("summary", {}, icon(failed ? "alert" : call.status ? "done" : "clock"), el("span", {}, call.tool.replaceAll("_", " ")));
  if (call.duration_ms !== undefined) head.append(el("small", {}, `${Math.max(1, Math.round(call.duration_ms))} ms`));
  const { operation_id: operation } = call;
  if (operation) {
    const take = async () => {
      await undo(reverseOf(operation));
      const held = document.activeElement;
      back.remove();
      if (held === back) head.focus();
    };
    const back = el("button", { type: "button", className: "quiet", onclick: take }, icon("undo"), say("undo"));
    head.append(back);
  }
  const given = call.input === undefined ? made.querySelector("pre") : el("pre", { ariaLabel: say("arguments"), tabIndex: 0 }, pretty(call.input));
  made.classList.toggle("failed", failed);
  made.replaceChildren(head, ...(given ? [given] : []));
  if (call.output !== undefined) made.append(el("pre", { ariaLabel: say("result"), tabIndex: 0 }, pretty(call.output)));
  return made;
}

/**
 * The events of a run; when the connection breaks off, the rest is fetched from where it stopped.
 * @param {Response} first
 */
async function* wholeRun(first) {
  let answer = first;
  let seen = 0;
  for (let tries = 0; tries < 5; tries++) {
    try {
      if (answer.body) {
        for await (const event of events(answer.body)) {
          seen = event.id || seen;
          yield event;
          if (event.name === "done" || event.name === "error") return;
        }
      }
    } catch (error) {
      if (running?.signal.aborted || !(error instanceof TypeError)) throw error;
    }
    if (!run) break;
    await new Promise((resolve) => setTimeout(resolve, 500 * (tries + 1)));
    const again = await fetch(`/api/chat/runs/${run}/events`, { signal: running?.signal, headers: { "last-event-id": String(seen) } }).catch(() => null);
    if (again?.ok) answer = again;
  }
  throw new Error(say("chat-failed"));
}

/** @param {string} text what is sent @param {string} [shown] what the person chose, when that reads better */
async function submit(text, shown = text) {
  if (running || !text.trim()) return;
  if (log().querySelector(".past")) await (conversation ? show(conversation) : log().replaceChildren());
  for (const gone of log().querySelectorAll(".welcome, .choices")) gone.remove();
  mine(shown);
  run = "";
  await hear(text, (signal) =>
    fetch("/api/chat", {
      method: "POST",
      signal,
      headers: { "content-type": "application/json", accept: "text/event-stream", "idempotency-key": freshKey() },
      body: JSON.stringify({ message: text, conversation_id: conversation, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
    }),
  );
}

/** The run of this tab whose answer has not been seen to its end. */
const UNSEEN = "run";
let isLeaving = false;
addEventListener("pagehide", () => {
  isLeaving = true;
});

/**
 * Shows an answer as it comes.
 * @param {string} text what was asked
 * @param {(signal: AbortSignal) => Promise<Response>} ask
 */
async function hear(text, ask) {
  const answer = theirs();
  running = new AbortController();
  busy(true);
  let wrote = false;
  try {
    const response = await ask(running.signal);
    if (!response.ok) {
      const problem = await response.json().catch(() => null);
      throw new Error(problem?.detail ?? say("chat-failed"));
    }
    for await (const { name, data } of wholeRun(response)) {
      if (name === "run_started") {
        run = data.run_id;
        sessionStorage.setItem(UNSEEN, run);
        remember(data.conversation_id);
      } else if (name === "text_delta") answer.write(data.delta);
      else if (name === "tool_call_started") answer.tool(data);
      else if (name === "tool_call_finished") {
        answer.tool(data);
        wrote ||= Boolean(data.operation_id);
      } else if (name === "question") answer.ask(data.question);
      else if (name === "error") throw new Error(data.detail);
      else if (name === "done") {
        if (!answer.source) answer.write(data.answer.response);
        answer.end(data.answer.status === "stopped" ? say("stopped") : (data.answer.model ?? say("builtin")), text);
      }
    }
    // One message for those who listen, when it is whole; the stream itself would be noise.
    const spoken = root().querySelector("[data-chat=spoken]");
    if (spoken) spoken.textContent = answer.source;
  } catch (error) {
    if (running.signal.aborted) answer.end(say("stopped"), text);
    else answer.fail(error instanceof TypeError || !(error instanceof Error) ? say("chat-failed") : error.message, text);
  } finally {
    running = null;
    busy(false);
    if (!isLeaving) sessionStorage.removeItem(UNSEEN);
    if (wrote) refresh();
  }
}

/** Stops the answer: the server first, so that what it has said so far is kept; the connection when that does not help. */
function stop() {
  const here = running;
  if (run) api(`/api/chat/runs/${run}/stop`, {}).catch(() => here?.abort());
  setTimeout(() => here === running && here?.abort(), 2000);
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
  const [past, latest] = await Promise.all([
    api(`/api/conversations/${id}/messages?limit=100`).catch(() => null),
    api("/api/operations?limit=100").catch(() => null),
  ]);
  const messages = past?.messages;
  /** @type {Set<string>} what can't be undone again */
  const undone = new Set((latest?.operations ?? []).filter((/** @type {any} */ { undone_at: at }) => at).map((/** @type {any} */ each) => each.id));
  // The person was faster.
  if (running) return;
  if (!messages) return remember(null);
  remember(id);
  log().replaceChildren();
  let asked = "";
  for (const each of messages) {
    if (each.role === "user") mine((asked = each.content));
    else {
      const answer = theirs();
      for (const tool of each.tool_calls ?? []) answer.tool(undone.has(tool.operation_id) ? { ...tool, operation_id: null } : tool);
      answer.write(each.content ?? "");
      answer.end(each.model ?? say("builtin"), asked);
    }
  }
  log().scrollTop = log().scrollHeight;
  const left = sessionStorage.getItem(UNSEEN);
  if (!left || messages.at(-1)?.role !== "user") return sessionStorage.removeItem(UNSEEN);
  // The page was left while this was being answered.
  run = left;
  hear(asked, (signal) => fetch(`/api/chat/runs/${left}/events`, { signal }));
}

/** How the reader writes dates: as the browser's own form of the page's language. */
function locale() {
  const { lang } = document.documentElement;
  return navigator.languages.find((tag) => tag.split("-")[0] === lang) ?? lang;
}

/** Past conversations, with search, rename and delete; asked for again, they make way for the present one. */
async function history() {
  if (log().querySelector(".past")) return conversation ? show(conversation) : begin();
  if (running) return;
  const search = el("input", { type: "search", placeholder: say("search-conversations"), ariaLabel: say("search-conversations") });
  const list = el("ul", {});
  const draw = async () => {
    const words = search.value.trim().toLowerCase();
    const found = await api("/api/conversations?limit=100").catch(() => ({ conversations: [] }));
    /** @type {{ id: string, title?: string, updated_at: string }[]} */
    const all = found.conversations;
    const items = all.filter(({ title }) => (title ?? "").toLowerCase().includes(words)).map((each) => {
      const name = each.title || say("assistant");
      const rename = () => {
        const input = el("input", { value: name, ariaLabel: say("rename"), maxLength: 100 });
        const save = async () => {
          if (input.value.trim() && input.value !== name) await api(`/api/conversations/${each.id}`, { title: input.value.trim() }, "PATCH").catch((error) => toast(error.message));
          draw();
        };
        input.onkeydown = (event) => {
          if (event.key === "Escape") input.value = name;
          if (event.key === "Escape" || (event.key === "Enter" && !event.isComposing)) input.blur();
        };
        input.onblur = save;
        item.replaceChildren(input);
        input.select();
      };
      const remove = async () => {
        const { ask } = await import("./ask.js");
        if ((await ask(say("delete-conversation"), [["yes", say("remove")]])) !== "yes") return;
        await api(`/api/conversations/${each.id}`, undefined, "DELETE").catch((error) => toast(error.message));
        if (conversation === String(each.id)) remember(null);
        await draw();
        search.focus();
      };
      const when = new Date(each.updated_at).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });
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

/** @type {WeakSet<Event>} events that came before this module and are handed to it */
const handled = new WeakSet();

/** @param {Event} event */
function sent(event) {
  if (handled.has(event)) return;
  handled.add(event);
  event.preventDefault();
  if (running) return;
  const text = field().value;
  field().value = "";
  submit(text);
}

/** @param {Event} event */
function clicked(event) {
  if (handled.has(event) || !(event.target instanceof Element)) return;
  handled.add(event);
  const { target } = event;
  const starter = target.closest(".starter");
  if (starter) submit(starter.textContent ?? "");
  const what = /** @type {HTMLElement | null} */ (target.closest("[data-chat]"))?.dataset.chat;
  if (what === "new") begin();
  if (what === "history") history();
  if (running && target.closest(".send")) stop();
}

let started = false;
/** @param {Event} [event] what brought this module */
export function start(event) {
  if (!document.getElementById("chat")) return;
  if (!started) {
    started = true;
    welcome = [...log().children];
    /** @type {HTMLElement} */ (root().querySelector(".composer")).dataset.ready = "";
    root().addEventListener("submit", sent);
    root().addEventListener("click", clicked);
    conversation = localStorage.getItem("chat");
    if (conversation) show(conversation);
  }
  if (event?.type === "submit") sent(event);
  if (event?.type === "click") clicked(event);
}
