/*
 * words: the language of the page, and what it says when something fails.
 * Each sentence tells what happened and what to do about it, and claims
 * nothing that is not known.  The words themselves are in words-en.js and
 * words-ko.js: the same keys, a text or a function that makes one.
 */

import { isolated } from "./bidi.js";
import en from "./words-en.js";
import ko from "./words-ko.js";

const TABLES = { en, ko };

export const LANGUAGES = Object.freeze(Object.keys(TABLES));

const NAMED_MAX = 3;

let table = en;
let spoken = "en";

/* `wanted` if it is one of ours, else the first of `preferred` that is. */
export function chooseLanguage(wanted, preferred) {
  const known = (tag) => LANGUAGES.find((name) => name === tag?.toLowerCase().split("-")[0]);
  return known(wanted) ?? preferred.map(known).find(Boolean) ?? "en";
}

export function speak(language) {
  spoken = language;
  table = TABLES[language];
}

/* For Intl: the visitor's own variety of the language, if they have one. */
export function locale() {
  const own = globalThis.navigator?.languages ?? [];
  return own.find((tag) => tag.toLowerCase().split("-")[0] === spoken) ?? spoken;
}

export function languageName(language) {
  return TABLES[language].languageName;
}

export function word(key, ...values) {
  const found = table[key];
  return typeof found === "function" ? found(...values) : found;
}

/* Why a request failed, for people. */
export function explain(error) {
  const field = Object.keys(error.fields ?? {}).find((name) => table.fields[name]);
  if (field) return table.fields[field];
  if (table.errors[error.code]) return table.errors[error.code];
  if (error.status === 429) return table.errors.too_fast;
  if (error.status < 400 || error.status >= 500) return table.errors.other;
  return `${table.errors.refused} ${error.detail ?? ""}`.trimEnd();
}

/* Why a stream is broken for now, for people, who need not try again themselves. */
export function explainWait({ code }) {
  const what = table.waits[code] ?? table.errors[code] ?? table.waits.other;
  return `${what} ${table.goesOnTrying}`;
}

/* Why a stream ended for good, for people. */
export function explainEnd({ reason, error }) {
  if (error) return explain(error);
  return table.ends[reason] ?? table.ends.other;
}

export function stateWords(state) {
  return table.states[state];
}

/* Of many only the first are named, and the others counted. */
function crowdWords({ chatter, chatters = [chatter], count = 1 }) {
  const names = chatters.map((one) => one?.nickname).filter(Boolean).map(isolated);
  const named = names.slice(0, count > NAMED_MAX ? NAMED_MAX - 1 : NAMED_MAX);
  return names.length > 0 && table.crowd(named, count - named.length);
}

/*
 * The service's own notices, in the viewer's language; else as they were sent.
 * Names in them and in what follows are isolated (bidi.js).
 */
export function noticeWords({ notice, content }) {
  const say = table.notices[notice?.reason] ?? table.notices[notice?.kind];
  const who = say && crowdWords(notice);
  return who ? say(who, notice.count) : content;
}

const text = (value) => (typeof value === "string" ? value : "");

/* In the viewer's language what is known here; else as it was sent. */
export function notificationWords({ type, payload, count, text: sent }) {
  const say = Object.hasOwn(table.notifications, type) && table.notifications[type];
  const who = isolated(text(payload.who));
  return say && who ? say(who, count - 1, isolated(text(payload.what))) : sent;
}

/* Fills in every element that names its words. */
export function fillWords(root) {
  for (const one of root.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
  for (const one of root.querySelectorAll("[data-label]"))
    one.setAttribute("aria-label", word(one.dataset.label));
  for (const one of root.querySelectorAll("[data-placeholder]"))
    one.setAttribute("placeholder", word(one.dataset.placeholder));
}
