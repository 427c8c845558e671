/*
 * backoff: how long a client waits before it connects again.
 *
 * The wait doubles with each failure.  A stream that opened and lived until a
 * heartbeat is no failure, however it ended.  One that ended earlier may have
 * been bad luck.  Many of those in a row mean a proxy that drops every stream;
 * they count as failures, or all clients would reconnect without a pause.
 */

const WAIT_MIN_MS = 100; /* whatever the server says */
const WAIT_MAX_MS = 15_000;
const NOT_RESUMED_MAX = 2; /* failures that count after a stream that could not be resumed */
const SHORT_MAX = 6; /* short streams in a row that do not count */

export class Backoff {
  #failures = 0;
  #short = 0;

  /** The network has changed: earlier failures say nothing any more. */
  reset() {
    this.#failures = 0;
    this.#short = 0;
  }

  /**
   * A connection that had opened has ended after `ms`.
   *
   * @param {number} ms
   * @param {number} heartbeatMs
   */
  ended(ms, heartbeatMs) {
    this.#short = ms < heartbeatMs ? this.#short + 1 : 0;
    this.#failures = Math.max(this.#short - SHORT_MAX, 0);
  }

  /** A connection opened, but could not resume where the last one ended. */
  notResumed() {
    this.#failures = Math.min(this.#failures, NOT_RESUMED_MAX);
  }

  /** Whether the next attempt may be made at once.  It then counts as a failure. */
  takeImmediateRetry() {
    const first = this.#failures === 0;
    if (first) this.#failures = 1;
    return first;
  }

  /**
   * Milliseconds to wait.
   *
   * @param {number} wantedMs what the server asks for
   */
  nextDelay(wantedMs) {
    const base = Math.max(wantedMs, WAIT_MIN_MS);
    const grown = Math.max(base, Math.min(base * 2 ** this.#failures, WAIT_MAX_MS));
    this.#failures += 1;
    /* Half of it is random, or all clients of a lost server would return at once. */
    return Math.round(grown * (0.5 + Math.random() / 2));
  }
}
