/*
 * bidi: names and other people's words within the page's sentences.
 *
 * A name that is written from right to left takes the words beside it along:
 * "joined محمد" for "محمد joined".  So the name is isolated, not the sentence,
 * by the characters that Unicode has for it (UAX 9: FSI and PDI), which work
 * in labels and titles too.  In elements <bdi> stands for them.
 */

import { element } from "./elements.js";

const FSI = "\u2068";
const PDI = "\u2069";

/* Letters from right to left, and what turns the direction of what follows. */
const TURNS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/* `text` for use within a sentence.  What is not isolated needs it not. */
export function isolated(text) {
  return TURNS.test(text) ? FSI + text.replace(CONTROLS, "") + PDI : text;
}

/* A sentence without the marks of what is isolated in it. */
export function unmarked(words) {
  return words.replaceAll(FSI, "").replaceAll(PDI, "");
}

/* A sentence with isolated parts, as nodes. */
export function sentence(words) {
  return words.split(FSI).flatMap((piece, i) => {
    if (i === 0) return [piece];
    const [inside, outside = ""] = piece.split(PDI);
    return [element("bdi", "", inside), outside];
  }).filter((node) => node !== "");
}
