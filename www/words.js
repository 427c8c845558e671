/*
 * words: the language of the page, and its texts.
 *
 * The tables are in words-en.js and words-ko.js.  They have the same keys; a
 * value is a text, or a function that makes one.  The text of an error says
 * what happened and what can be done, and claims nothing that is not known.
 */

import { isolate } from "./bidi.js";
import en from "./words-en.js";
import ko from "./words-ko.js";

/**
 * @typedef {{ [key: string]: string | ((...values: any[]) => string) | Texts }} Texts
 */

/** @type {Record<string, any>} */
const TABLES = { en, ko };

export const LANGUAGES = Object.freeze(Object.keys(TABLES));

const NAMED_MAX = 3;

/** @type {any} */
let table = en;
let current = "en";

/** @param {string | null | undefined} tag */
const primary = (tag) => tag?.toLowerCase().split("-")[0];

/**
 * `wanted` if the page has it, else the first of `preferred` that it has.
 *
 * @param {string | null} wanted
 * @param {readonly string[]} preferred
 */
export function chooseLanguage(wanted, preferred) {
  /** @param {string | null} tag */
  const known = (tag) => LANGUAGES.find((name) => name === primary(tag));
  return known(wanted) ?? preferred.map(known).find(Boolean) ?? "en";
}

/** @param {string} language */
export function setLanguage(language) {
  current = language;
  table = TABLES[language];
}

/** For Intl: the visitor's own variety of the language, if they have one. */
export function locale() {
  const own = globalThis.navigator?.languages ?? [];
  return own.find((tag) => primary(tag) === current) ?? current;
}

/** @param {string} language @returns {string} */
export function languageName(language) {
  return TABLES[language].languageName;
}

/**
 * A text, or a table of texts.
 *
 * @param {string} key
 * @param {...any} values for a text that is made by a function
 * @returns {any}
 */
export function word(key, ...values) {
  const found = table[key];
  return typeof found === "function" ? found(...values) : found;
}

/**
 * Why a request failed.
 *
 * @param {{ code: string, status?: number, detail?: string, fields?: Record<string, string> }} error
 * @returns {string}
 */
export function errorText({ code, status = 0, detail, fields = {} }) {
  const field = Object.keys(fields).find((name) => table.fields[name]);
  if (field) return table.fields[field];
  if (table.errors[code]) return table.errors[code];
  if (status === 429) return table.errors.too_fast;
  if (status < 400 || status >= 500) return table.errors.other;
  return `${table.errors.refused} ${detail ?? ""}`.trimEnd();
}

/**
 * Why a stream is broken for now.  The page tries again by itself.
 *
 * @param {{ code: string }} error
 */
export function reconnectingText({ code }) {
  const what = table.waits[code] ?? table.errors[code] ?? table.waits.other;
  return `${what} ${table.keepsTrying}`;
}

/**
 * Why a stream ended for good.
 *
 * @param {{ reason?: string, error?: import("./request.js").ParlorError }} why
 * @returns {string}
 */
export function endedText({ reason, error }) {
  if (error) return errorText(error);
  return table.ends[reason ?? ""] ?? table.ends.other;
}

/** @param {string} state of a stream @returns {string} */
export function stateText(state) {
  return table.states[state];
}

/**
 * Names the first of several people, and counts the others.  "" if no name is known.
 *
 * @param {import("./types.js").Notice} notice
 * @returns {string}
 */
function peopleText({ chatter, chatters, count = 1 }) {
  const names = (chatters ?? [chatter]).map((one) => one?.nickname ?? "").filter(Boolean).map(isolate);
  const named = names.slice(0, count > NAMED_MAX ? NAMED_MAX - 1 : NAMED_MAX);
  return names.length > 0 ? table.crowd(named, count - named.length) : "";
}

/**
 * A notice in the viewer's language, or as it was sent if its kind is unknown.
 * Names in it, and in what follows, are isolated (bidi.js).
 *
 * @param {{ notice?: import("./types.js").Notice, content: string }} message
 * @returns {string}
 */
export function noticeText({ notice, content }) {
  if (!notice) return content;
  const make = table.notices[notice.reason ?? ""] ?? table.notices[notice.kind];
  const who = make && peopleText(notice);
  return who ? make(who, notice.count) : content;
}

/** @param {unknown} value */
const textOrEmpty = (value) => (typeof value === "string" ? value : "");

/**
 * A notification in the viewer's language, or as it was sent if its type is unknown.
 *
 * @param {import("./types.js").Notification} notification
 * @returns {string}
 */
export function notificationText({ type, payload, count, text }) {
  const make = Object.hasOwn(table.notifications, type) && table.notifications[type];
  const who = isolate(textOrEmpty(payload.who));
  return make && who ? make(who, count - 1, isolate(textOrEmpty(payload.what))) : text;
}

/**
 * Fills in the texts of all elements that name one.
 *
 * @param {ParentNode} root
 */
export function fillTexts(root) {
  /** @param {string} name @returns {NodeListOf<HTMLElement>} */
  const having = (name) => root.querySelectorAll(`[data-${name}]`);
  for (const one of having("word")) one.textContent = word(one.dataset.word ?? "");
  for (const one of having("label")) one.setAttribute("aria-label", word(one.dataset.label ?? ""));
  for (const one of having("placeholder")) one.setAttribute("placeholder", word(one.dataset.placeholder ?? ""));
}
