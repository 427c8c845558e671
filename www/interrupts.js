/*
 * interrupts: what ends a wait before its timer does.
 *
 * Timers stand still while the machine sleeps and are slow in a hidden tab, and
 * a connection may hang after the network has gone.  So whatever waits says
 * here what is to be done when the page is shown again, when a worker ticks
 * and when the network is lost.
 */

const TICK_MS = 2_000; /* how often the clock is compared */
const SLEPT_MS = 8_000; /* between two ticks: the machine slept */

export class Interrupts {
  /* Ends what is overdue by the clock, or a pause. */
  check = () => {};

  /* Ends a pause that is overdue. */
  tick = () => {};

  /* Ends the connection, whatever it does. */
  cut = () => {};

  /**
   * Waits `ms` milliseconds, or until `signal` is aborted or check() called.
   *
   * @param {number} ms
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  pause(ms, signal) {
    return new Promise((resolve) => {
      const due = performance.now() + ms;
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done);
      this.check = done;
      this.tick = () => {
        if (performance.now() >= due) done();
      };
      this.cut = () => {};
    });
  }
}

/**
 * Calls `fn` about once a second, in a hidden tab too.
 *
 * @param {() => void} fn
 * @returns {() => void} stops it
 */
export function startPulse(fn) {
  /** @type {Worker | null} */
  let worker = null;
  try {
    worker = new Worker(new URL("pulse.js", import.meta.url));
    worker.onmessage = fn;
  } catch {
    /* No workers here, or not from there: a hidden tab polls when it may. */
  }
  return () => worker?.terminate();
}

/**
 * Calls `on` when something happens to the page, until `signal` is aborted.
 * `hidden` and `shown` are about the Back button: a page that is kept for it
 * keeps its connections open but does not read them.
 *
 * @param {AbortSignal} signal
 * @param {{ hidden: () => void, shown: () => void, online: () => void,
 *   offline: () => void, awake: () => void }} on
 */
export function watchPage(signal, on) {
  /** @param {EventTarget | undefined} target @param {string} name @param {(event: any) => void} fn */
  const listen = (target, name, fn) => target?.addEventListener?.(name, fn, { signal });
  listen(globalThis, "pagehide", on.hidden);
  listen(globalThis, "pageshow", (event) => {
    if (event.persisted) on.shown();
  });
  listen(globalThis, "online", on.online);
  listen(globalThis, "offline", on.offline);
  listen(globalThis.document, "resume", on.awake);
  listen(globalThis.document, "visibilitychange", on.awake);
  watchClock(signal, on.awake);
}

/**
 * Calls `awake` when the machine has slept, which timers do not notice.
 *
 * @param {AbortSignal} signal
 * @param {() => void} awake
 */
function watchClock(signal, awake) {
  let last = performance.now();
  const ticking = setInterval(() => {
    const slept = performance.now() - last > SLEPT_MS;
    last = performance.now();
    if (slept) awake();
  }, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(ticking));
}
