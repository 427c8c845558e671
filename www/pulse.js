/*
 * pulse: a worker that ticks once a second.  After some minutes browsers let
 * the timers of a hidden tab fire only once a minute, but not a worker's.
 */

const TICK_MS = 1_000;

setInterval(() => postMessage(null), TICK_MS);
