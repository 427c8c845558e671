/*
 * message-text: what a visitor has written or pasted, as it can be sent.
 *
 * The server refuses control characters, and a text that draws nothing.  A
 * visitor who cannot see a character cannot take it out either, so the page
 * does: a control character that breaks a line becomes a line break, any other
 * is left out, and half a surrogate pair, which no UTF-8 can hold, becomes the
 * replacement character.
 */

const BREAKS = /\r\n?|[\v\f\x85]/g;
const CONTROLS = /[^\P{Cc}\t\n]/gu;
const LONE_SURROGATES = /\p{Cs}/gu;
const DRAWN = /[^\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{13441}\u{13442}\u{1d159}]/u;

export function tidied(text) {
  return text.replace(BREAKS, "\n").replace(CONTROLS, "").replace(LONE_SURROGATES, "\ufffd").trimEnd();
}

/* The server decides; this keeps what is plainly empty from being sent. */
export function drawsSomething(text) {
  return DRAWN.test(text);
}
