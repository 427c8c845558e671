/* links: texts in which addresses are links; urls.js says which. */

import { element } from "./elements.js";
import { parts } from "./urls.js";

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
