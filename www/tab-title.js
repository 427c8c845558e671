/*
 * tab-title: shows in the document's title and icon what the visitor has
 * missed: messages that came while the tab was hidden, and notifications.
 */

import { isolate } from "./bidi.js";
import { $ } from "./elements.js";

let title = "Parlor";
let unread = 0;
let notifications = 0;

function show() {
  const messages = unread > 0 ? `(${unread}) ` : "";
  const bell = notifications > 0 ? `\u{1F514}${notifications} ` : "";
  document.title = messages + bell + isolate(title);
  const name = messages || bell ? "icon-unread.svg" : "icon.svg";
  $("icon").href = new URL(name, import.meta.url).href;
}

/** @param {string} text */
export function setTitle(text) {
  title = text;
  show();
}

/** @param {number} count of messages that have not been seen */
export function setUnreadCount(count) {
  unread = count;
  show();
}

/** @param {number} count */
export function setNotificationCount(count) {
  notifications = count;
  show();
}
