/* history: loads older messages, and finds the message that the address names. */

import { takeLinkedMessage } from "./address.js";
import { $, whileBusy } from "./elements.js";
import { showProblem } from "./problem-bar.js";
import { errorText, word } from "./words.js";

const NEAR_TOP_PX = 80;
const REVEAL_PAGES = 20; /* that are loaded at most, to find one message */

export class History {
  #log;
  #loadPage;

  /**
   * @param {object} options
   * @param {import("./message-log.js").MessageLog} options.log
   * @param {(before: number | null) => Promise<{ messages: import("./types.js").Message[], has_more: boolean }>} options.loadPage
   */
  constructor({ log, loadPage }) {
    this.#log = log;
    this.#loadPage = loadPage;
    $("log").addEventListener("scroll", () => {
      if ($("log").scrollTop < NEAR_TOP_PX) this.#loadOlder();
    });
    $("older").addEventListener("click", () => this.#loadOlder());
    globalThis.addEventListener("hashchange", () => this.revealLinked());
  }

  /**
   * Shows whether there are messages before the first one shown.
   *
   * @param {boolean} more
   */
  setMore(more) {
    if (!more && document.activeElement === $("older")) $("log").focus({ preventScroll: true });
    $("older").hidden = !more;
    $("beginning").hidden = more;
  }

  async #loadOlder() {
    if ($("older").hidden) return;
    await whileBusy($("older"), async () => {
      try {
        const page = await this.#loadPage(this.#log.oldest);
        this.#log.prepend(page.messages, () => this.setMore(page.has_more));
      } catch (error) {
        showProblem(errorText(error), word("tryAgain"), () => this.#loadOlder());
      }
    });
  }

  /** Scrolls to the message that the address names, and loads older ones until it is there. */
  async revealLinked() {
    const id = takeLinkedMessage();
    if (id === null) return;
    for (let page = 0; page < REVEAL_PAGES; page++) {
      if (this.#log.reveal(id) || $("older").hidden || (this.#log.oldest ?? 0) < id) return;
      await this.#loadOlder();
    }
  }
}
