/*
 * Waiting.  Nothing in the tests sleeps: everything waits for a condition,
 * with a limit after which the condition's name is the error.
 */
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FORM } from "./forms.mjs";

/* Sanitizer builds and some fronts are slower: every limit is stretched by this. */
const BUILDS = { "san-address-undefined": 3, "san-thread": 6 };
export const SLOW = FORM.pace * (BUILDS[basename(process.env.BUILD ?? "")] ?? 1);

const SETTING_MAX_MS = 600_000;

/* A time of the program's own, as much longer as everything takes. */
export function stretched(ms) {
  return Math.min(ms * SLOW, SETTING_MAX_MS);
}

const LIMIT_MS = 10_000;
const LOOK_MS = 5;

/*
 * Looks at CONDITION again and again until it gives something true, and
 * returns that.  A condition that throws is not met yet.
 */
export async function until(condition, what, limit = LIMIT_MS) {
  const end = performance.now() + limit * SLOW;
  let last;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = undefined;
    } catch (error) {
      if (error.final) throw error;
      last = error;
    }
    if (performance.now() > end)
      throw new Error(`not within ${limit * SLOW} ms: ${what}`, { cause: last });
    await pause(LOOK_MS);
  }
}

/* The same for a promise: it has LIMIT to settle. */
export async function within(promise, what, limit = LIMIT_MS) {
  const stop = new AbortController();
  const late = pause(limit * SLOW, null, { signal: stop.signal }).then(() => {
    throw new Error(`not within ${limit * SLOW} ms: ${what}`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}
