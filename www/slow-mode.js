/*
 * slow-mode: shows how long a visitor waits between two messages in a room in
 * slow mode.  The server decides; the page only says so beforehand.
 */

import { $ } from "./elements.js";
import { durationText } from "./times.js";
import { word } from "./words.js";

const SECOND_MS = 1_000;

export class SlowMode {
  #intervalMs = 0;
  #until = 0;
  #timer = 0;

  /** @param {number} ms 0: no wait */
  setInterval(ms) {
    this.#intervalMs = ms;
    if (ms === 0) this.#until = 0;
    this.#show();
  }

  /** A message was sent: the wait begins. */
  sent() {
    this.waitFor(this.#intervalMs);
  }

  /** @param {number} ms */
  waitFor(ms) {
    this.#until = Math.max(this.#until, performance.now() + ms);
    this.#show();
  }

  /** Milliseconds left to wait. */
  get left() {
    return Math.max(this.#until - performance.now(), 0);
  }

  #show() {
    const { left } = this;
    clearTimeout(this.#timer);
    $("slow").hidden = this.#intervalMs === 0 && left === 0;
    $("slow").dataset.waiting = String(left > 0);
    const whole = Math.ceil(left / SECOND_MS) * SECOND_MS;
    $("slow").textContent = left > 0 ? word("slowWait", durationText(whole)) : word("slowOn", durationText(this.#intervalMs));
    if (left > 0) this.#timer = setTimeout(() => this.#show(), left % SECOND_MS || SECOND_MS);
  }
}
