/*
 * new-day: tells when a new day has begun where the viewer is.
 *
 * The date is compared once a minute and whenever the page is seen again, so
 * that a clock that is moved, a machine that slept, a change of time zone or of
 * summer time need no code of their own.
 */

import { wallNow } from "./times.js";

const LOOK_MS = 60_000;

/* Calls `fn` after each midnight, for as long as the page lives. */
export function onNewDay(fn) {
  let day = wallNow().toDateString();
  const look = () => {
    const today = wallNow().toDateString();
    if (today === day) return;
    day = today;
    fn();
  };
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
}
