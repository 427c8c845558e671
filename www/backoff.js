/*
 * backoff: how long a client waits before it connects again.
 *
 * The wait doubles with each failure.  A stream that opened and lived is no
 * failure, however it ended.  One that ended before a heartbeat was due may have
 * been bad luck; many such in a row are a front that drops every stream, and
 * count as failures, or all clients would go on asking it without a pause.
 */

const WAIT_MIN_MS = 100; /* whatever the server says */
const WAIT_MAX_MS = 15_000;
const SHAKY_MAX = 2; /* failures that count against a stream that could not be resumed */
const YOUNG_MAX = 6; /* streams in a row that may end young */

export class Backoff {
  #failures = 0;
  #young = 0;

  /* The network has changed: earlier failures say nothing any more. */
  forget() {
    this.#failures = 0;
    this.#young = 0;
  }

  /* A connection that had opened has ended after `ms`. */
  ended(ms, heartbeatMs) {
    this.#young = ms < heartbeatMs ? this.#young + 1 : 0;
    this.#failures = Math.max(this.#young - YOUNG_MAX, 0);
  }

  /* A connection opened, but could not go on where the last one was. */
  restarted() {
    this.#failures = Math.min(this.#failures, SHAKY_MAX);
  }

  /* Whether one attempt may be made at once: the first, which then counts. */
  takeFirst() {
    const first = this.#failures === 0;
    if (first) this.#failures = 1;
    return first;
  }

  /* Milliseconds to wait, where the server said `toldMs`. */
  next(toldMs) {
    const base = Math.max(toldMs, WAIT_MIN_MS);
    const grown = Math.max(base, Math.min(base * 2 ** this.#failures, WAIT_MAX_MS));
    this.#failures += 1;
    /* Half of it is chance, or all who lost the server return as one. */
    return Math.round(grown * (0.5 + Math.random() / 2));
  }
}
