/*
 * tab-title: what the visitor has missed, told by the document's title and its
 * icon: messages while the tab was hidden, and apart from them notifications.
 */

import { $ } from "./elements.js";
import { isolated } from "./bidi.js";

let title = "Parlor";
let unread = 0;
let notifications = 0;

function show() {
  const messages = unread > 0 ? `(${unread}) ` : "";
  const bell = notifications > 0 ? `\u{1F514}${notifications} ` : "";
  document.title = messages + bell + isolated(title);
  $("icon").href = messages || bell ? "icon-unread.svg" : "icon.svg";
}

export function setTitle(text) {
  title = text;
  show();
}

/* So many messages have not been seen; it counts down as well. */
export function countUnread(count) {
  unread = count;
  show();
}

export function notified(count) {
  notifications = count;
  show();
}
