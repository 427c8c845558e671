/* problem-bar: the line above the messages that says what is wrong, and what can be done. */

import { focusCompose } from "./compose.js";
import { $ } from "./elements.js";

/** Moves the focus to where the visitor goes on, when the element that had it may be gone. */
export function focusChat() {
  if ($("compose").hidden || !focusCompose()) $("log").focus();
}

/**
 * @param {string} text
 * @param {string} [action] the text of the button
 * @param {(() => void) | null} [fn] what the button does; without it there is no button
 */
export function showProblem(text, action = "", fn = null) {
  $("trouble").hidden = !text;
  delete $("trouble").dataset.about;
  $("trouble-text").textContent = text;
  $("trouble-action").hidden = !fn;
  $("trouble-action").textContent = action;
  $("trouble-action").onclick = () => {
    clearProblem();
    focusChat();
    fn?.();
  };
}

export function clearProblem() {
  showProblem("");
}
