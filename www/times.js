/*
 * times: dates and times in the viewer's language and time zone.
 *
 * This file alone reads the wall clock for dates that are shown or sent.
 * Waits and durations use performance.now(), which setting a clock does not
 * change.
 */

import { element } from "./elements.js";
import { locale } from "./words.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** @type {[string, number][]} */
const UNITS = [
  ["week", 7 * DAY_MS],
  ["day", DAY_MS],
  ["hour", HOUR_MS],
  ["minute", MINUTE_MS],
  ["second", 1_000],
];

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const FORMS = {
  clock: { hour: "numeric", minute: "2-digit" },
  day: { weekday: "long", day: "numeric", month: "long" },
  dayOfYear: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  date: { day: "numeric", month: "short" },
  full: { dateStyle: "full", timeStyle: "medium" },
};

export const wallNow = () => new Date();

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * Keeps the formats: making one is slow, and every message needs one.
 *
 * @param {string} name
 * @param {Date} when
 */
function format(name, when) {
  const key = `${locale()} ${name}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale(), FORMS[name]);
  formats.set(key, known);
  return known.format(when);
}

/** @param {number} n @param {Intl.RelativeTimeFormatUnit} unit */
const relative = (n, unit) =>
  new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(n, unit);

/** @param {Date} when */
export function clockTime(when) {
  return timeElement(when, "clock");
}

/**
 * The time if it was today, else the date.
 *
 * @param {Date} when
 */
export function shortTime(when) {
  return timeElement(when, when.toDateString() === wallNow().toDateString() ? "clock" : "date");
}

/** @param {Date} when @param {string} form */
function timeElement(when, form) {
  const made = element("time", "", format(form, when));
  made.dateTime = when.toISOString();
  made.title = fullDate(when);
  return made;
}

/**
 * The day and the time, to the second.
 *
 * @param {Date} when
 */
export function fullDate(when) {
  return format("full", when);
}

/**
 * Today, yesterday, or the date; with the year only if it is another one.
 *
 * @param {Date} when
 */
export function dayName(when, now = wallNow()) {
  /** @param {Date} date */
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const ago = Math.round((midnight(now) - midnight(when)) / DAY_MS);
  if (ago === 0 || ago === 1) return capital(relative(-ago, "day"));
  return format(when.getFullYear() === now.getFullYear() ? "day" : "dayOfYear", when);
}

/**
 * In 2 hours.
 *
 * @param {Date} when
 */
export function relativeTime(when, now = wallNow()) {
  const ms = Math.max(when.getTime() - now.getTime(), 0);
  if (ms < HOUR_MS) return relative(Math.ceil(ms / MINUTE_MS), "minute");
  if (ms < DAY_MS) return relative(Math.round(ms / HOUR_MS), "hour");
  return relative(Math.round(ms / DAY_MS), "day");
}

/**
 * 30 seconds, 5 minutes, 1 hour: in the largest unit that needs no fraction.
 *
 * @param {number} ms
 */
export function durationText(ms) {
  const [unit, length] = UNITS.find(([, one]) => ms >= one && ms % one === 0) ?? ["second", 1_000];
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(ms / length);
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
}
