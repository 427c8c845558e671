/*
 * message-log: the list of what was said, as the page shows it.
 *
 * Messages stand in the order of their ids, whichever way they came (the
 * picture, the stream, the answer to a send, an older page); what is not yet
 * confirmed stands below them.  Text from outside is only ever textContent.
 *
 * The reader is at the end, or has scrolled up; and the tab is seen, or
 * hidden.  What comes in while the reader is not at the end or does not see
 * is unread (unread.js): a line marks the first of it until there is a next
 * first.
 */

import { onNewDay } from "./new-day.js";
import { button, element } from "./elements.js";
import { itemOf, markerLine, spoiltItem } from "./log-items.js";
import { dayWords, wallNow } from "./times.js";
import { Unread } from "./unread.js";
import { word } from "./words.js";

const GROUP_MS = 5 * 60_000;
const AT_END_PX = 48;
const MARKER_ROOM_PX = 24;

export class Log {
  #scroller;
  #list;
  #onFailure;
  #onMoved;
  #actions;
  #byId = new Map();
  #waiting = new Map(); /* client_id -> element of an unconfirmed message */
  #me = null;
  #marker = markerLine();
  #unread = new Unread();

  /*
   * `onMoved({atEnd, unread, unseen})` is called when any may have changed,
   * `onFailure(answer, clientId)` when retry, rewrite or discard is pressed;
   * `actions(message)` makes what can be pressed beside it.
   */
  constructor({ scroller, list, onFailure, onMoved, actions }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#onFailure = onFailure;
    this.#onMoved = onMoved;
    this.#actions = actions;
    this.#keepAtEnd();
    document.addEventListener("visibilitychange", () => this.#looked());
    onNewDay(() => this.#nameDays());
  }

  get oldest() {
    const first = this.#list.querySelector("[data-id]");
    return first ? Number(first.dataset.id) : null;
  }

  /* The id of the last message, 0 if there is none. */
  get newest() {
    let item = this.#list.lastElementChild;
    while (item && item.dataset.id === undefined) item = item.previousElementSibling;
    return Number(item?.dataset.id ?? 0);
  }

  /* Brings a message before the reader; false if it is not here. */
  reveal(id) {
    const item = this.#byId.get(id);
    if (!item) return false;
    item.scrollIntoView({ block: "center" });
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    item.classList.add("revealed");
    return true;
  }

  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < AT_END_PX;
  }

  /* Who reads the end goes on reading it when a phone's keyboard opens. */
  #keepAtEnd() {
    let atEnd = true;
    this.#scroller.addEventListener("scroll", () => {
      atEnd = this.atEnd;
      this.#looked();
    });
    new ResizeObserver(() => {
      if (atEnd) this.toEnd();
    }).observe(this.#scroller);
  }

  #looked() {
    const { atEnd } = this;
    this.#unread.look({ atEnd, hidden: document.hidden });
    const { unread, unseen } = this.#unread;
    this.#onMoved({ atEnd, unread, unseen });
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /* To the end, but no further than the first unread message stays in sight. */
  #follow() {
    this.toEnd();
    if (this.#unread.unread === 0 || !this.#marker.isConnected) return;
    const above = this.#marker.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
    if (above < MARKER_ROOM_PX) this.#scroller.scrollTop += above - MARKER_ROOM_PX;
  }

  /* Who the reader is now: after a rename the same chatter, named anew. */
  set me(chatter) {
    this.#me = chatter;
  }

  /* Begins anew with a picture's messages; what waits to be sent stays. */
  draw(messages, me) {
    const { atEnd } = this;
    const last = Math.max(...this.#byId.keys()); /* -Infinity at first */
    this.#me = me;
    for (const item of this.#byId.values()) item.remove();
    this.#byId.clear();
    this.#marker.remove();
    this.#quietly(() => messages.forEach((message) => this.#place(message)));
    this.#unread.keepThoseIn(messages);
    this.#mark();
    const missed = Number.isFinite(last) ? messages.filter(({ id }) => id > last) : [];
    missed.forEach((message) => this.#weigh(message, atEnd));
    this.#follow();
    this.#looked();
  }

  clear() {
    this.#list.replaceChildren();
    this.#byId.clear();
    this.#waiting.clear();
    this.markRead();
    this.#looked();
  }

  /* Returns false if it is shown already. */
  add(message) {
    if (this.#byId.has(message.id)) return false;
    const { atEnd } = this;
    this.#place(message);
    this.#weigh(message, atEnd);
    if (atEnd) this.#follow();
    this.#looked();
    return true;
  }

  /* A message as it is now: with another text, or what is left of it. */
  change(message) {
    const old = this.#byId.get(message.id);
    if (!old) return;
    const { atEnd } = this;
    const within = old.contains(document.activeElement);
    const made = this.#item(message);
    if (old.contains(this.#marker)) made.prepend(this.#marker);
    old.replaceWith(made);
    this.#settle(made);
    if (within) (made.querySelector("button") ?? this.#scroller).focus({ preventScroll: true });
    if (message.deleted_at && this.#unread.drop((id) => id === message.id)) this.#mark();
    if (atEnd) this.toEnd();
    this.#looked();
  }

  /* The element of a message, if it is here. */
  item(id) {
    return this.#byId.get(id) ?? null;
  }

  /* Older messages come in above, and so may other things that `change` does
   * there; what the reader looks at stays in place. */
  prepend(messages, change) {
    const { scrollHeight, scrollTop } = this.#scroller;
    this.#quietly(() => messages.forEach((message) => this.#place(message)));
    change();
    this.#scroller.scrollTop = scrollTop + this.#scroller.scrollHeight - scrollHeight;
  }

  /* An unconfirmed message in its present state; `words` say why it failed. */
  showWaiting(item, words) {
    const old = this.#waiting.get(item.clientId);
    const made = this.#waitingItem(item, words);
    const follow = !old || this.atEnd;
    this.#waiting.set(item.clientId, made);
    if (old) old.replaceWith(made);
    else this.#list.append(made);
    this.#regroup(made);
    if (follow) this.toEnd();
  }

  hideWaiting(clientId) {
    const item = this.#waiting.get(clientId);
    const below = item?.nextElementSibling;
    item?.remove();
    this.#waiting.delete(clientId);
    if (below) this.#regroup(below);
  }

  /* Who answers has read. */
  markRead() {
    this.#unread.drop(() => true);
    this.#marker.remove();
  }

  /* So far it was read in another window. */
  readUpTo(last) {
    if (!this.#unread.drop((id) => id <= last)) return;
    this.#mark();
    this.#looked();
  }

  /* Whether it is unread: not one's own, and not before one's eyes. */
  #weigh({ id, chatter, notice, deleted_at: deleted }, atEnd) {
    const { hidden } = document;
    if (notice || deleted || chatter?.id === this.#me.id || (atEnd && !hidden)) return;
    const first = this.#unread.unread === 0;
    this.#unread.add(id, hidden);
    if (first) this.#mark();
  }

  /* The line stands before the first unread message that is shown, if there is one. */
  #mark() {
    const first = this.#byId.get(this.#unread.first((id) => this.#byId.has(id)));
    if (first) first.prepend(this.#marker);
    else this.#marker.remove();
  }

  /* A whole page read out at once helps nobody: only news is announced. */
  #quietly(fn) {
    this.#scroller.setAttribute("aria-live", "off");
    fn();
    requestAnimationFrame(() => this.#scroller.setAttribute("aria-live", "polite"));
  }

  #place(message) {
    if (this.#byId.has(message.id)) return;
    const made = this.#item(message);
    this.#list.insertBefore(made, this.#successor(message.id));
    this.#settle(made);
  }

  #item(message) {
    const made = this.#drawn(message);
    this.#byId.set(message.id, made);
    return made;
  }

  /* One message that cannot be drawn must not take the others along. */
  #drawn(message) {
    try {
      const actions = message.notice ? [] : this.#actions(message);
      return itemOf(message, this.#isMine(message), actions);
    } catch (error) {
      reportError(error);
      return spoiltItem(message);
    }
  }

  /* It and the one below look at what stands above them. */
  #settle(item) {
    this.#regroup(item);
    if (item.nextElementSibling) this.#regroup(item.nextElementSibling);
  }

  /* News goes to the end, so the search begins there. */
  #successor(id) {
    let next = null;
    let item = this.#list.lastElementChild;
    while (item && (item.dataset.id === undefined || Number(item.dataset.id) > id)) {
      next = item;
      item = item.previousElementSibling;
    }
    return next;
  }

  #isMine({ chatter }) {
    return Boolean(chatter) && chatter.id === this.#me?.id;
  }

  #waitingItem({ clientId, content, type, state, error }, words) {
    const { id, nickname } = this.#me;
    const item = itemOf({ chatter: { id, nickname }, type, content, created_at: wallNow() }, true);
    item.classList.add(state);
    item.dataset.state = state;
    if (state === "pending") item.setAttribute("aria-live", "off"); /* read out when it is said */
    item.append(state === "failed" ? this.#failure(clientId, error, words) : element("p", "note", word("sending")));
    return item;
  }

  /* A refused message would be refused again: let it be written anew. */
  #failure(clientId, { passing }, words) {
    const note = element("div", "note");
    const choices = [["retry", "rewrite"][passing ? 0 : 1], "discard"].map((answer) => {
      const made = button(answer === "discard" ? "link" : "link retry", word(answer), () => this.#onFailure(answer, clientId));
      made.dataset.testid = answer;
      return made;
    });
    note.append(element("span", "why", word("notSent", words)), ...choices);
    return note;
  }

  /* Whether an item goes on from the one above it, and begins a new day. */
  #regroup(item) {
    const above = item.previousElementSibling;
    const near = above && Number(item.dataset.at) - Number(above.dataset.at) < GROUP_MS;
    const follows = near && item.dataset.author && item.dataset.author === above.dataset.author;
    const newDay = item.dataset.day !== above?.dataset.day;
    item.classList.toggle("follows", Boolean(follows) && !newDay);
    item.querySelector(".day").hidden = !newDay;
  }

  /* After midnight, today is yesterday; in another time zone days part elsewhere. */
  #nameDays() {
    for (const item of this.#list.children) {
      const when = new Date(Number(item.dataset.at));
      item.dataset.day = when.toDateString();
      item.querySelector(".day").textContent = dayWords(when);
      this.#regroup(item);
    }
  }
}
