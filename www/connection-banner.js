/*
 * connection-banner: shows whether the room is connected, and, while it is
 * not, why, with a button to try at once.
 */

import { $ } from "./elements.js";
import { clearProblem, showProblem } from "./problem-bar.js";
import { reconnectingText, stateText, word } from "./words.js";

const ABOUT = "connection"; /* marks the problem bar as used by this module */

export class ConnectionBanner {
  #retry;

  /** @param {{ retry: () => void }} options */
  constructor({ retry }) {
    this.#retry = retry;
  }

  /**
   * Returns true if the connection is back after it was lost.
   *
   * @param {import("./stream.js").StateChange} change
   */
  show({ state, transport, crowded, error }) {
    const { dataset } = $("state");
    const isBack = state === "open" && dataset.state === "reconnecting";
    $("state").textContent = stateText(state);
    $("state").title = state === "open" && crowded ? word("crowded") : "";
    dataset.state = state;
    dataset.transport = transport;
    if (state === "open" && $("trouble").dataset.about === ABOUT) clearProblem();
    if (state === "reconnecting" && error) {
      showProblem(reconnectingText(error), word("tryNow"), this.#retry);
      $("trouble").dataset.about = ABOUT;
    }
    return isBack;
  }
}
