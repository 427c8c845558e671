/*
 * times: moments and days in the viewer's language and time zone.
 *
 * This file alone reads the wall clock, for dates that are shown or sent.
 * Waits and durations use performance.now(), which no set clock moves.
 */

import { element } from "./elements.js";
import { locale } from "./words.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const LENGTHS = [
  ["week", 7 * DAY_MS],
  ["day", DAY_MS],
  ["hour", HOUR_MS],
  ["minute", MINUTE_MS],
  ["second", 1_000],
];

export const wallNow = () => new Date();

const formats = new Map();

/* Making one is slow, and there is one for each message otherwise. */
function format(name, when) {
  const key = `${locale()} ${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), FORMS[name]));
  return formats.get(key).format(when);
}

const FORMS = {
  clock: { hour: "numeric", minute: "2-digit" },
  day: { weekday: "long", day: "numeric", month: "long" },
  dayOfYear: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  date: { day: "numeric", month: "short" },
  full: { dateStyle: "full", timeStyle: "medium" },
};

const relative = (n, unit) =>
  new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(n, unit);

export function timeOf(when) {
  return timeElement(when, "clock");
}

/* The time if it was today, else the date. */
export function stampOf(when) {
  return timeElement(when, when.toDateString() === wallNow().toDateString() ? "clock" : "date");
}

function timeElement(when, form) {
  const made = element("time", "", format(form, when));
  made.dateTime = when.toISOString();
  made.title = fullWords(when);
  return made;
}

/* The day and the time, to the second. */
export function fullWords(when) {
  return format("full", when);
}

/* Today, yesterday, or the date; the year only when it is another. */
export function dayWords(when, now = wallNow()) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const ago = Math.round((midnight(now) - midnight(when)) / DAY_MS);
  if (ago === 0 || ago === 1) return capital(relative(-ago, "day"));
  return format(when.getFullYear() === now.getFullYear() ? "day" : "dayOfYear", when);
}

/* in 2 hours */
export function untilWords(when, now = wallNow()) {
  const ms = Math.max(when - now, 0);
  if (ms < HOUR_MS) return relative(Math.ceil(ms / MINUTE_MS), "minute");
  if (ms < DAY_MS) return relative(Math.round(ms / HOUR_MS), "hour");
  return relative(Math.round(ms / DAY_MS), "day");
}

/* 30 seconds, 5 minutes, 1 hour: in the largest unit that needs no fraction. */
export function lengthWords(ms) {
  const [unit, length] = LENGTHS.find(([, one]) => ms >= one && ms % one === 0) ?? LENGTHS.at(-1);
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(ms / length);
}

function capital(text) {
  return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
}
