/*
 * read-marker: tells the server up to which message the room has been read, at
 * most once a second, and at the latest when the page is left.
 */

const PAUSE_MS = 1_000;

export class ReadMarker {
  #send;
  #seen = 0;
  #due = false;
  #timer = 0;

  /** @param {(message: number, options?: { keepalive?: boolean }) => Promise<any>} send */
  constructor(send) {
    this.#send = send;
    globalThis.addEventListener("pagehide", () => this.#flush({ keepalive: true }));
  }

  /** @param {number} message */
  seen(message) {
    if (message <= this.#seen) return;
    this.#seen = message;
    this.#due = true;
    if (!this.#timer) this.#flush();
  }

  /**
   * The same person has read up to `message` in another window.
   *
   * @param {number} message
   */
  readElsewhere(message) {
    if (message < this.#seen) return;
    this.#seen = message;
    this.#due = false;
  }

  /**
   * What could not be sent is sent when the visitor sees a message again.
   *
   * @param {{ keepalive?: boolean }} [options]
   */
  #flush(options) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.#due) return;
    this.#due = false;
    this.#timer = setTimeout(() => this.#flush(), PAUSE_MS);
    this.#send(this.#seen, options).catch(() => {
      this.#seen = 0;
    });
  }
}
