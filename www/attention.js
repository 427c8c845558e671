/*
 * attention: what the visitor has missed, told by the document's title and its
 * icon: messages while the tab was hidden, and apart from them notifications.
 */

import { $ } from "./elements.js";

let title = "Parlor";
let unread = 0;
let notifications = 0;

function show() {
  const messages = unread > 0 ? `(${unread}) ` : "";
  const bell = notifications > 0 ? `\u{1F514}${notifications} ` : "";
  document.title = messages + bell + title;
  $("icon").href = messages || bell ? "icon-unread.svg" : "icon.svg";
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

/* So many messages are unread in all, or none after all. */
export function countUnread(count) {
  unread = count;
  show();
}

export function notified(count) {
  notifications = count;
  show();
}

/* What came while a room was hidden is seen with it. */
export function watchAttention() {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !$("chat-view").hidden) countUnread(0);
  });
}
