/* confirm: asks before something is done to others, or cannot be undone. */

import { $, busy } from "./elements.js";
import { sentence } from "./bidi.js";
import { explain } from "./words.js";

let act = async () => {};

/* `does` is done while it is still asked, so that a failure is told here. */
export function confirmFirst({ heading, about, yes, danger = true, does }) {
  act = does;
  $("confirm-yes").classList.toggle("dangerous", danger);
  $("confirm-heading").replaceChildren(...sentence(heading));
  $("confirm-about").textContent = about;
  $("confirm-yes").textContent = yes;
  $("confirm-error").textContent = "";
  $("confirm-dialog").showModal();
}

async function confirmed() {
  $("confirm-error").textContent = "";
  try {
    await act();
    $("confirm-dialog").close();
  } catch (error) {
    $("confirm-error").textContent = explain(error);
  }
}

export function watchConfirm() {
  $("confirm-cancel").addEventListener("click", () => $("confirm-dialog").close());
  $("confirm-form").addEventListener("submit", (event) => {
    event.preventDefault();
    busy($("confirm-yes"), confirmed);
  });
  /* What it was asked from may be gone. */
  $("confirm-dialog").addEventListener("close", () => {
    if (document.activeElement === document.body) $("log").focus({ preventScroll: true });
  });
}
