/*
 * pulse: a worker that ticks.  After some minutes browsers let the timers of
 * a hidden tab fire once a minute; a worker's are left alone.
 */

const TICK_MS = 1_000;

setInterval(() => postMessage(null), TICK_MS);
