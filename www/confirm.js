/* confirm: asks before an action that affects others or cannot be undone. */

import { sentenceNodes } from "./bidi.js";
import { $, whileBusy } from "./elements.js";
import { errorText } from "./words.js";

let confirmed = async () => {};

/**
 * Opens the dialog.  `action` runs while the dialog is open, so that an error
 * is shown there.
 *
 * @param {object} question
 * @param {string} question.heading
 * @param {string} question.about
 * @param {string} question.yes the text of the button
 * @param {boolean} [question.danger]
 * @param {() => Promise<any>} question.action
 */
export function askToConfirm({ heading, about, yes, danger = true, action }) {
  confirmed = action;
  $("confirm-yes").classList.toggle("dangerous", danger);
  $("confirm-heading").replaceChildren(...sentenceNodes(heading));
  $("confirm-about").textContent = about;
  $("confirm-yes").textContent = yes;
  $("confirm-error").textContent = "";
  $("confirm-dialog").showModal();
}

async function submit() {
  $("confirm-error").textContent = "";
  try {
    await confirmed();
    $("confirm-dialog").close();
  } catch (error) {
    $("confirm-error").textContent = errorText(error);
  }
}

export function initConfirm() {
  $("confirm-cancel").addEventListener("click", () => $("confirm-dialog").close());
  $("confirm-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy($("confirm-yes"), submit);
  });
  /* The element that opened the dialog may be gone. */
  $("confirm-dialog").addEventListener("close", () => {
    if (document.activeElement === document.body) $("log").focus({ preventScroll: true });
  });
}
