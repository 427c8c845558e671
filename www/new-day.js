/*
 * new-day: tells when a new day has begun in the viewer's time zone.
 *
 * The date is compared once a minute and whenever the page is shown again.  So
 * a clock that is set, a machine that slept, a change of time zone or of summer
 * time need no code of their own.
 */

import { wallNow } from "./times.js";

const CHECK_MS = 60_000;

/**
 * Calls `fn` after each midnight, for as long as the page lives.
 *
 * @param {() => void} fn
 */
export function onNewDay(fn) {
  let day = wallNow().toDateString();
  const check = () => {
    const today = wallNow().toDateString();
    if (today === day) return;
    day = today;
    fn();
  };
  setInterval(check, CHECK_MS);
  document.addEventListener("visibilitychange", check);
}
