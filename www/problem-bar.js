/* problem-bar: the line above the log that says what is wrong, and what can be done about it. */

import { focusText } from "./compose.js";
import { $ } from "./elements.js";

/* What was pressed may be gone: the focus goes where one goes on. */
export function focusOn() {
  if ($("compose").hidden || !focusText()) $("log").focus();
}

export function setTrouble(text, action = "", fn = null) {
  $("trouble").hidden = !text;
  delete $("trouble").dataset.about;
  $("trouble-text").textContent = text;
  $("trouble-action").hidden = !fn;
  $("trouble-action").textContent = action;
  $("trouble-action").onclick = () => {
    setTrouble("");
    focusOn();
    fn();
  };
}
