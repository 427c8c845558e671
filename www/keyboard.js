/*
 * keyboard: to whom a key belongs that was pressed in a text.
 *
 * While a word is being composed (Korean, Japanese, Chinese and others), keys
 * belong to the input method.  Enter and Esc end the composition and must do
 * nothing else: half a word would be sent, or an edit thrown away.  Safari
 * ends the composition before it tells the key, hence the keyCode.
 */

const COMPOSING = 229; /* the keyCode of a key that an input method has taken */

export const composes = (event) => event.isComposing || event.keyCode === COMPOSING;

/* A touch keyboard has no Shift+Enter: there Enter makes a line, and the button sends. */
export const enterBreaks = () => matchMedia("(pointer: coarse)").matches;

/* Whether a key sends what is written.  Ctrl or Cmd with Enter does everywhere. */
export function sends(event) {
  if (event.key !== "Enter" || composes(event)) return false;
  return event.ctrlKey || event.metaKey || !(event.shiftKey || enterBreaks());
}

/* Keeps the input method's keys from every other listener, form and dialog. */
export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (!composes(event)) return;
    event.stopImmediatePropagation();
    if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
  }, { capture: true });
}
