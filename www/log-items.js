/*
 * log-items: renders one item of the message log: a message, an announcement
 * or a notice, as it is or as a remnant.
 */

import { sentenceNodes } from "./bidi.js";
import { avatar, element, icon } from "./elements.js";
import { linkify } from "./links.js";
import { clockTime, dayName, fullDate, wallNow } from "./times.js";
import { noticeText, word } from "./words.js";

/**
 * What is rendered: a message, or one that has not been sent yet.
 *
 * @typedef {Pick<import("./types.js").Message, "chatter" | "content" | "type">
 *   & Partial<Omit<import("./types.js").Message, "created_at">>
 *   & { created_at: string | Date }} Item
 */

export function unreadMarker() {
  const made = element("div", "marker", word("newMessages"));
  made.id = "unread-marker";
  return made;
}

/**
 * @param {Item} message
 * @param {boolean} mine
 * @param {HTMLElement[]} [buttons]
 */
export function renderItem(message, mine, buttons = []) {
  const item = message.type === "alert" ? renderAlert(message) : renderMessage(message, mine);
  if (message.id !== undefined) item.dataset.id = String(message.id);
  if (message.deleted_at) renderDeleted(item);
  else addMarkAndButtons(child(item, ".line"), message, buttons);
  return item;
}

/**
 * Stands for a message that cannot be rendered.
 *
 * @param {{ id: number, created_at: string }} message
 */
export function renderBroken({ id, created_at: time }) {
  const when = new Date(time);
  const item = frame("message broken", Number.isNaN(when.getTime()) ? wallNow() : when);
  const line = element("div", "line");
  line.append(element("p", "text", word("messageBroken")));
  item.dataset.testid = "broken";
  item.dataset.id = String(id);
  item.append(line);
  return item;
}

/** @param {Element} item @param {string} selector */
const child = (item, selector) => /** @type {HTMLElement} */ (item.querySelector(selector));

/** @param {string} className @param {Date} when */
function frame(className, when) {
  const item = element("li", className);
  item.dataset.at = String(when.getTime());
  item.dataset.day = when.toDateString();
  item.append(element("div", "day", dayName(when)));
  return item;
}

/**
 * The text, below its title and above its tags.
 *
 * @param {Item} message
 */
function textNodes({ title, content, tags = [] }) {
  const above = title ? [labeled("strong", "title", title)] : [];
  const below = tags.map((tag) => labeled("span", "tag", tag));
  return [...above, ...linkify(content), ...(below.length > 0 ? [tagLine(below)] : [])];
}

/** @param {"strong" | "span"} name @param {string} className @param {string} text */
function labeled(name, className, text) {
  const made = element(name, className, text);
  made.dir = "auto";
  return made;
}

/** @param {HTMLElement[]} tags */
function tagLine(tags) {
  const made = element("span", "tags");
  made.append(...tags);
  return made;
}

/** @param {Item} message @param {boolean} mine */
function renderMessage(message, mine) {
  const { chatter, created_at: time } = message;
  const when = new Date(time);
  const author = chatter ?? { id: "", nickname: word("stranger") };
  const item = frame("message", when);
  const line = element("div", "line");
  const text = element("p", "text");
  item.classList.toggle("mine", mine);
  item.dataset.testid = "message";
  item.dataset.author = author.id;
  text.dir = "auto";
  text.append(...textNodes(message));
  line.append(text, clockTime(when));
  item.append(avatar(author), element("bdi", "author", author.nickname), line);
  return item;
}

/** @param {Item} message */
function renderAlert(message) {
  const when = new Date(message.created_at);
  const item = frame(message.notice ? "alert notice" : "alert", when);
  const line = element("div", "line");
  const text = element("span", "text");
  if (message.notice) text.append(...sentenceNodes(noticeText(message)));
  else text.append(...textNodes(message));
  if (!message.notice) text.dir = "auto";
  item.dataset.testid = "alert";
  if (!message.notice) item.append(announcementHead(message));
  line.append(text, clockTime(when));
  item.append(line);
  return item;
}

/**
 * Names the author; a service has no name here.
 *
 * @param {Item} message
 */
function announcementHead({ chatter }) {
  const head = element("p", "alert-head");
  head.append(icon("horn"), element("span", "", word("announcement")));
  if (chatter) head.append(element("bdi", "author", chatter.nickname));
  return head;
}

/**
 * The mark stands before the time, which may be hidden.
 *
 * @param {HTMLElement} line
 * @param {Item} message
 * @param {HTMLElement[]} buttons
 */
function addMarkAndButtons(line, message, buttons) {
  child(line, "time").before(...editedMark(message));
  line.append(...buttons);
}

/** @param {Item} message */
function editedMark({ edited_at: time }) {
  if (!time) return [];
  const mark = element("span", "edited", word("edited"));
  mark.title = fullDate(new Date(time));
  return [mark];
}

/** @param {HTMLElement} item */
function renderDeleted(item) {
  item.classList.add("gone");
  child(item, ".text").textContent = word("messageDeleted");
}
