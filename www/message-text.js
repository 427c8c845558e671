/*
 * message-text: what a visitor has written or pasted, as it can be sent.
 *
 * The server refuses control characters, and a text of which nothing is
 * visible.  Visitors cannot remove a character that they do not see, so the
 * page does.  A control character that breaks a line becomes a line break, any
 * other is left out, and half a surrogate pair, which UTF-8 cannot hold,
 * becomes the replacement character.
 */

const LINE_BREAKS = /\r\n?|[\v\f\x85]/g;
const CONTROLS = /[^\P{Cc}\t\n]/gu;
const LONE_SURROGATES = /\p{Cs}/gu;
const VISIBLE = /[^\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{13441}\u{13442}\u{1d159}]/u;

/** @param {string} text */
export function cleanText(text) {
  return text.replace(LINE_BREAKS, "\n").replace(CONTROLS, "").replace(LONE_SURROGATES, "\ufffd").trimEnd();
}

/**
 * The server decides; this only keeps the page from sending what is plainly empty.
 *
 * @param {string} text
 */
export function isVisible(text) {
  return VISIBLE.test(text);
}
