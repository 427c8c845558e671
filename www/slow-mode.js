/*
 * slow-mode: how long one waits between two messages where the room wants that.
 * The server decides; this tells it beforehand.
 */

import { $ } from "./elements.js";
import { lengthWords } from "./times.js";
import { word } from "./words.js";

const SECOND_MS = 1_000;

export class Slow {
  #ms = 0;
  #until = 0;
  #timer = 0;

  /* `ms` is 0 for those who need not wait. */
  set(ms) {
    this.#ms = ms;
    if (ms === 0) this.#until = 0;
    this.#show();
  }

  spoke() {
    this.wait(this.#ms);
  }

  /* The server wants that one waits so long. */
  wait(ms) {
    this.#until = Math.max(this.#until, performance.now() + ms);
    this.#show();
  }

  /* Milliseconds to wait; 0: one may speak. */
  get left() {
    return Math.max(this.#until - performance.now(), 0);
  }

  #show() {
    const { left } = this;
    clearTimeout(this.#timer);
    $("slow").hidden = this.#ms === 0 && left === 0;
    $("slow").dataset.waiting = left > 0;
    const whole = Math.ceil(left / SECOND_MS) * SECOND_MS;
    $("slow").textContent = left > 0 ? word("slowWait", lengthWords(whole)) : word("slowOn", lengthWords(this.#ms));
    if (left > 0) this.#timer = setTimeout(() => this.#show(), left % SECOND_MS || SECOND_MS);
  }
}
