/*
 * read-marker: tells the server up to where a room was read, at most once a
 * second, and at the latest when the page is left.
 */

const PAUSE_MS = 1_000;

export class Reading {
  #tell;
  #seen = 0;
  #due = false;
  #timer = 0;

  /* `tell(message, options)` does the request. */
  constructor(tell) {
    this.#tell = tell;
    globalThis.addEventListener("pagehide", () => this.#flush({ keepalive: true }));
  }

  seen(message) {
    if (message <= this.#seen) return;
    this.#seen = message;
    this.#due = true;
    if (!this.#timer) this.#flush();
  }

  /* Another connection of the same person has read so far. */
  follow(message) {
    if (message < this.#seen) return;
    this.#seen = message;
    this.#due = false;
  }

  /* What could not be told is told with the next look. */
  #flush(options) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.#due) return;
    this.#due = false;
    this.#timer = setTimeout(() => this.#flush(), PAUSE_MS);
    this.#tell(this.#seen, options).catch(() => {
      this.#seen = 0;
    });
  }
}
