/*
 * attention: what the visitor has missed while the tab was hidden, told by
 * the document's title and its icon.
 */

import { $ } from "./elements.js";

let title = "Parlor";
let unread = 0;

function show() {
  document.title = unread > 0 ? `(${unread}) ${title}` : title;
  $("icon").href = unread > 0 ? "icon-unread.svg" : "icon.svg";
}

export function setTitle(text) {
  title = text;
  show();
}

/* Something was said; it counts only if nobody was looking. */
export function heard() {
  if (!document.hidden) return;
  unread += 1;
  show();
}

export function watchAttention() {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unread = 0;
    show();
  });
}
