/*
 * log-items: one thing of the log, as the page shows it: a message, an
 * announcement, a notice, or what is left of them.
 */

import { avatar, element, icon } from "./elements.js";
import { sentence } from "./bidi.js";
import { linked } from "./links.js";
import { dayWords, fullWords, timeOf, wallNow } from "./times.js";
import { noticeWords, word } from "./words.js";

export function markerLine() {
  const made = element("div", "marker", word("newMessages"));
  made.id = "unread-marker";
  return made;
}

/* `actions` are what can be pressed beside it. */
export function itemOf(message, mine, actions = []) {
  const item = message.type === "alert" ? alertItem(message) : messageItem(message, mine);
  if (message.id !== undefined) item.dataset.id = message.id;
  if (message.deleted_at) empty(item);
  else complete(item.querySelector(".line"), message, actions);
  return item;
}

/* Stands for a message that cannot be drawn. */
export function spoiltItem({ id, created_at: time }) {
  const when = new Date(time);
  const item = frame("message spoilt", Number.isNaN(when.getTime()) ? wallNow() : when);
  const line = element("div", "line");
  line.append(element("p", "text", word("messageSpoilt")));
  item.dataset.testid = "spoilt";
  item.dataset.id = id;
  item.append(line);
  return item;
}

function frame(className, when) {
  const item = element("li", className);
  item.dataset.at = when.getTime();
  item.dataset.day = when.toDateString();
  item.append(element("div", "day", dayWords(when)));
  return item;
}

function messageItem({ chatter, content, created_at: time }, mine) {
  const when = new Date(time);
  const author = chatter ?? { id: "", nickname: "?" };
  const item = frame("message", when);
  const line = element("div", "line");
  const text = element("p", "text");
  item.classList.toggle("mine", mine);
  item.dataset.testid = "message";
  item.dataset.author = author.id;
  text.dir = "auto";
  text.append(...linked(content));
  line.append(text, timeOf(when));
  item.append(avatar(author), element("bdi", "author", author.nickname), line);
  return item;
}

function alertItem(message) {
  const when = new Date(message.created_at);
  const item = frame(message.notice ? "alert notice" : "alert", when);
  const line = element("div", "line");
  const text = element("span", "text");
  if (message.notice) text.append(...sentence(noticeWords(message)));
  else text.append(...linked(message.content));
  if (!message.notice) text.dir = "auto";
  item.dataset.testid = "alert";
  if (!message.notice) item.append(announcementHead(message));
  line.append(text, timeOf(when));
  item.append(line);
  return item;
}

/* Who says it, if it is somebody: a service has no name here. */
function announcementHead({ chatter }) {
  const head = element("p", "alert-head");
  head.append(icon("horn"), element("span", "", word("announcement")));
  if (chatter) head.append(element("bdi", "author", chatter.nickname));
  return head;
}

/* The time may be hidden: the mark stands before it. */
function complete(line, message, actions) {
  line.querySelector("time").before(...editedMark(message));
  line.append(...actions);
}

function editedMark({ edited_at: time }) {
  if (!time) return [];
  const mark = element("span", "edited", word("edited"));
  mark.title = fullWords(new Date(time));
  return [mark];
}

function empty(item) {
  item.classList.add("gone");
  item.querySelector(".text").textContent = word("messageGone");
}
