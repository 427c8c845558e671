/*
 * keyboard: whether a key that is pressed in a text belongs to the page.
 *
 * While a word is being composed (in Korean, Japanese, Chinese and others),
 * keys belong to the input method.  Enter and Esc end the composition and must
 * do nothing else, or half a word would be sent, or an edit thrown away.
 * Safari ends the composition before it reports the key, hence the keyCode.
 */

const COMPOSING = 229; /* the keyCode of a key that an input method has taken */

/** @param {KeyboardEvent} event */
export const isComposing = (event) => event.isComposing || event.keyCode === COMPOSING;

/** A touch keyboard has no Shift+Enter: there Enter starts a new line, and the button sends. */
export const isTouchKeyboard = () => matchMedia("(pointer: coarse)").matches;

/**
 * Whether a key sends the text.  Enter with Ctrl or Cmd does everywhere.
 *
 * @param {KeyboardEvent} event
 */
export function isSendKey(event) {
  if (event.key !== "Enter" || isComposing(event)) return false;
  return event.ctrlKey || event.metaKey || !(event.shiftKey || isTouchKeyboard());
}

/** Keeps the input method's keys from every other listener, form and dialog. */
export function guardComposition() {
  document.addEventListener("keydown", (event) => {
    if (!isComposing(event)) return;
    event.stopImmediatePropagation();
    if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
  }, { capture: true });
}
