/*
 * links: addresses within texts.  Only http and https become links; what
 * stands around an address (a full stop, a bracket that was opened before it)
 * is left out, and an address with a name before the host (user@host), which
 * misleads, is none.  A host may have letters of any script but ends in ASCII,
 * so that a Korean particle written onto it is not taken for a part.
 */

import { element } from "./elements.js";

const ADDRESS = /https?:\/\/(?![^\s/?#]*@)[\p{L}\p{N}.-]*[a-z0-9](?::\d{1,5})?(?:[/?#][^\s<>"`\p{C}]*)?/giu;
const CLOSERS = { ")": "(", "]": "[", "}": "{", "）": "（", "」": "「", "』": "『", "】": "【", "》": "《" };
const TRAILING = /[.,;:!?…'*_~’”。、，．！？]$/u;

const count = (text, sign) => text.split(sign).length - 1;

function trimmed(address) {
  let text = address;
  for (;;) {
    const opener = CLOSERS[text.at(-1)];
    const unopened = opener && count(text, text.at(-1)) > count(text, opener);
    if (!unopened && !TRAILING.test(text)) return text;
    text = text.slice(0, -1);
  }
}

/* Where a link may lead, or null. */
function target(address) {
  if (!URL.canParse(address)) return null;
  const { protocol, href } = new URL(address);
  return protocol === "http:" || protocol === "https:" ? href : null;
}

/* [{text, href}] that together are the text; href only on links. */
export function parts(text) {
  const found = [];
  let done = 0;
  for (const { 0: match, index } of text.matchAll(ADDRESS)) {
    const address = trimmed(match);
    const href = target(address);
    if (!href) continue;
    if (index > done) found.push({ text: text.slice(done, index) });
    found.push({ text: address, href });
    done = index + address.length;
  }
  if (done < text.length) found.push({ text: text.slice(done) });
  return found;
}

function link({ text, href }) {
  const made = element("a", "", text);
  made.href = href;
  made.target = "_blank";
  made.rel = "noopener noreferrer nofollow ugc";
  return made;
}

/* The text as nodes. */
export function linked(text) {
  return parts(text).map((part) => (part.href ? link(part) : document.createTextNode(part.text)));
}
