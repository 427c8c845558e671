/*
 * Waiting. Tests do not sleep; they wait for conditions. A limit only ends a
 * test that hangs and says what it waited for. It proves nothing, so it is the
 * same for every condition, and long enough for a busy machine.
 */
import { availableParallelism, loadavg } from "node:os";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FORM } from "./forms.mjs";

const BUILDS = { "san-address-undefined": 3, "san-thread": 6 };

/* Up to this load per processor nothing takes noticeably longer. */
const CROWD = 4;
const SLOWEST = 10;

function busy() {
  const factor = Math.round(loadavg()[0] / (availableParallelism() * CROWD));
  return Math.min(Math.max(factor, 1), SLOWEST);
}

/*
 * The factor by which everything may take longer: in sanitizer builds, behind
 * some web servers, and on a machine that was busy when this process started.
 */
export const SLOW = FORM.pace * (BUILDS[basename(process.env.BUILD ?? "")] ?? 1) * busy();

const SETTING_MAX_MS = 600_000;

/* MS, a time that a setting gives to clients, times that factor. */
export function scaled(ms) {
  return Math.min(ms * SLOW, SETTING_MAX_MS);
}

const LIMIT_MS = Number(process.env.WAIT_LIMIT_MS ?? 60_000);

/* The limit of a test, which waits for several conditions. */
export const TEST_LIMIT_MS = 5 * LIMIT_MS * SLOW;
const LOOK_MS = 5;

/*
 * Calls CONDITION again and again until it returns something true, and returns
 * that. A condition that throws is not met yet.
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

/*
 * Lets MS pass. Only for tests of what must not happen in that time, when there
 * is no condition to wait for.
 */
export function letPass(ms) {
  return pause(ms);
}

/* Like until(), for a promise. */
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
