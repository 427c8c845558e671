/*
 * bidi: names and other people's words within the page's sentences.
 *
 * A right-to-left name reorders the words beside it: "joined محمد" for
 * "محمد joined".  So the name is isolated within the sentence, by the characters
 * that Unicode has for it (UAX 9: FSI and PDI), which also work in labels and
 * titles.  In elements they become <bdi>.
 */

import { element } from "./elements.js";

const FSI = "\u2068";
const PDI = "\u2069";

/* Right-to-left letters, and characters that change the direction of what follows. */
const NEEDS_ISOLATION = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * `text` for use within a sentence.
 *
 * @param {string} text
 */
export function isolate(text) {
  return NEEDS_ISOLATION.test(text) ? FSI + text.replace(CONTROLS, "") + PDI : text;
}

/**
 * A sentence without the isolating characters.
 *
 * @param {string} sentence
 */
export function stripIsolates(sentence) {
  return sentence.replaceAll(FSI, "").replaceAll(PDI, "");
}

/**
 * A sentence as nodes, with <bdi> for its isolated parts.
 *
 * @param {string} sentence
 * @returns {(string | HTMLElement)[]}
 */
export function sentenceNodes(sentence) {
  return sentence.split(FSI).flatMap((piece, i) => {
    if (i === 0) return [piece];
    const [inside, outside = ""] = piece.split(PDI);
    return [element("bdi", "", inside), outside];
  }).filter((node) => node !== "");
}
