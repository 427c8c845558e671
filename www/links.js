/* links: makes links of the addresses in a text; urls.js finds them. */

import { element } from "./elements.js";
import { splitAtUrls } from "./urls.js";

/** @param {string} text @param {string} href */
function link(text, href) {
  const made = element("a", "", text);
  made.href = href;
  made.target = "_blank";
  made.rel = "noopener noreferrer nofollow ugc";
  return made;
}

/**
 * The text as nodes.
 *
 * @param {string} text
 */
export function linkify(text) {
  return splitAtUrls(text).map((part) => (part.href ? link(part.text, part.href) : document.createTextNode(part.text)));
}
