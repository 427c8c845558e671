/*
 * message-log: the list of messages, as the page shows it.
 *
 * Messages are in the order of their ids, however they came: by the snapshot,
 * the stream, the answer to a send, or a page of history.  Unsent messages are
 * below them.  Text from outside only ever becomes textContent.
 *
 * A message that comes while the reader has scrolled up, or while the tab is
 * hidden, is unread (unread.js).  A marker stands above the first of them
 * until there is a new first one.
 */

import { button, element } from "./elements.js";
import { renderBroken, renderItem, unreadMarker } from "./log-items.js";
import { onNewDay } from "./new-day.js";
import { dayName, wallNow } from "./times.js";
import { Unread } from "./unread.js";
import { word } from "./words.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Chatter} Chatter
 * @typedef {import("./outbox.js").OutboxItem} OutboxItem
 */

/**
 * Where the reader is, and what they have not read or seen.
 *
 * @typedef {object} Position
 * @property {boolean} atEnd
 * @property {number} unread
 * @property {number} unseen
 */

/**
 * What the visitor decides about a message that was not sent.
 *
 * @typedef {"retry" | "rewrite" | "discard"} Decision
 */

const GROUP_MS = 5 * 60_000;
const AT_END_PX = 48;
const MARKER_MARGIN_PX = 24;

export class MessageLog {
  #scroller;
  #list;
  #onDecision;
  #onPosition;
  #buttonsFor;
  /** @type {Map<number, HTMLElement>} the items, by the message's id */
  #items = new Map();
  /** @type {Map<string, HTMLElement>} the items of unsent messages, by client_id */
  #unsent = new Map();
  /** @type {Chatter} the reader */
  #me = { id: "", nickname: "", role: "member" };
  #marker = unreadMarker();
  #unread = new Unread();

  /**
   * @param {object} options
   * @param {HTMLElement} options.scroller
   * @param {HTMLElement} options.list
   * @param {(decision: Decision, clientId: string) => void} options.onDecision
   * @param {(position: Position) => void} options.onPosition called when the position may have changed
   * @param {(message: Message) => HTMLElement[]} options.buttonsFor makes the buttons beside a message
   */
  constructor({ scroller, list, onDecision, onPosition, buttonsFor }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#onDecision = onDecision;
    this.#onPosition = onPosition;
    this.#buttonsFor = buttonsFor;
    this.#stayAtEnd();
    document.addEventListener("visibilitychange", () => this.#updatePosition());
    onNewDay(() => this.#renameDays());
  }

  /** The id of the first message that is shown, or null. */
  get oldest() {
    const first = /** @type {HTMLElement | null} */ (this.#list.querySelector("[data-id]"));
    return first ? Number(first.dataset.id) : null;
  }

  /** The id of the last message, or 0. */
  get newest() {
    let item = lastItem(this.#list);
    while (item && item.dataset.id === undefined) item = itemAbove(item);
    return Number(item?.dataset.id ?? 0);
  }

  /**
   * Scrolls to a message and focuses it.  Returns false if it is not here.
   *
   * @param {number} id
   */
  reveal(id) {
    const item = this.#items.get(id);
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

  /* A reader at the end stays there when a phone's keyboard opens. */
  #stayAtEnd() {
    let atEnd = true;
    this.#scroller.addEventListener("scroll", () => {
      atEnd = this.atEnd;
      this.#updatePosition();
    });
    new ResizeObserver(() => {
      if (atEnd) this.scrollToEnd();
    }).observe(this.#scroller);
  }

  #updatePosition() {
    const { atEnd } = this;
    this.#unread.update({ atEnd, hidden: document.hidden });
    const { unread, unseen } = this.#unread;
    this.#onPosition({ atEnd, unread, unseen });
  }

  scrollToEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /* Scrolls to the end, but keeps the first unread message in sight. */
  #follow() {
    this.scrollToEnd();
    if (this.#unread.unread === 0 || !this.#marker.isConnected) return;
    const above = this.#marker.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
    if (above < MARKER_MARGIN_PX) this.#scroller.scrollTop += above - MARKER_MARGIN_PX;
  }

  /**
   * Sets the reader, who may have been renamed.
   *
   * @param {Chatter} chatter
   */
  set me(chatter) {
    this.#me = chatter;
  }

  /**
   * Renders the messages of a snapshot; unsent messages stay.
   *
   * @param {Message[]} messages
   * @param {Chatter} me
   */
  render(messages, me) {
    const { atEnd } = this;
    const last = Math.max(...this.#items.keys()); /* -Infinity at first */
    this.#me = me;
    for (const item of this.#items.values()) item.remove();
    this.#items.clear();
    this.#marker.remove();
    this.#withoutAnnouncing(() => messages.forEach((message) => this.#insert(message)));
    this.#unread.retain(messages);
    this.#placeMarker();
    const missed = Number.isFinite(last) ? messages.filter(({ id }) => id > last) : [];
    missed.forEach((message) => this.#countUnread(message, atEnd));
    this.#follow();
    this.#updatePosition();
  }

  clear() {
    this.#list.replaceChildren();
    this.#items.clear();
    this.#unsent.clear();
    this.markRead();
    this.#updatePosition();
  }

  /**
   * Returns false if the message is shown already.
   *
   * @param {Message} message
   */
  add(message) {
    if (this.#items.has(message.id)) return false;
    const { atEnd } = this;
    this.#insert(message);
    this.#countUnread(message, atEnd);
    if (atEnd) this.#follow();
    this.#updatePosition();
    return true;
  }

  /**
   * Renders a message anew that was edited or deleted.
   *
   * @param {Message} message
   */
  update(message) {
    const old = this.#items.get(message.id);
    if (!old) return;
    const { atEnd } = this;
    const hadFocus = old.contains(document.activeElement);
    const made = this.#newItem(message);
    if (old.contains(this.#marker)) made.prepend(this.#marker);
    old.replaceWith(made);
    this.#regroupAround(made);
    if (hadFocus) (made.querySelector("button") ?? this.#scroller).focus({ preventScroll: true });
    if (message.deleted_at && this.#unread.remove((id) => id === message.id)) this.#placeMarker();
    if (atEnd) this.scrollToEnd();
    this.#updatePosition();
  }

  /**
   * The element of a message, or null.
   *
   * @param {number} id
   */
  item(id) {
    return this.#items.get(id) ?? null;
  }

  /**
   * Inserts older messages at the top, and runs `change`, which may change
   * other things there.  What the reader looks at stays in place.
   *
   * @param {Message[]} messages
   * @param {() => void} change
   */
  prepend(messages, change) {
    const { scrollHeight, scrollTop } = this.#scroller;
    this.#withoutAnnouncing(() => messages.forEach((message) => this.#insert(message)));
    change();
    this.#scroller.scrollTop = scrollTop + this.#scroller.scrollHeight - scrollHeight;
  }

  /**
   * Shows an unsent message in its present state.
   *
   * @param {OutboxItem} outgoing
   * @param {string} errorText why it failed
   */
  showUnsent(outgoing, errorText) {
    const old = this.#unsent.get(outgoing.clientId);
    const made = this.#newUnsentItem(outgoing, errorText);
    const follow = !old || this.atEnd;
    this.#unsent.set(outgoing.clientId, made);
    if (old) old.replaceWith(made);
    else this.#list.append(made);
    regroup(made);
    if (follow) this.scrollToEnd();
  }

  /** @param {string} clientId */
  hideUnsent(clientId) {
    const item = this.#unsent.get(clientId);
    const below = item && itemBelow(item);
    item?.remove();
    this.#unsent.delete(clientId);
    if (below) regroup(below);
  }

  /** Marks all as read, because the reader has answered. */
  markRead() {
    this.#unread.remove(() => true);
    this.#marker.remove();
  }

  /**
   * Messages up to `last` have been read in another window.
   *
   * @param {number} last
   */
  readUpTo(last) {
    if (!this.#unread.remove((id) => id <= last)) return;
    this.#placeMarker();
    this.#updatePosition();
  }

  /**
   * Counts a message as unread, unless it is the reader's own or in sight.
   *
   * @param {Message} message
   * @param {boolean} atEnd
   */
  #countUnread({ id, chatter, notice, deleted_at: deleted }, atEnd) {
    const { hidden } = document;
    if (notice || deleted || chatter?.id === this.#me.id || (atEnd && !hidden)) return;
    const first = this.#unread.unread === 0;
    this.#unread.add(id, hidden);
    if (first) this.#placeMarker();
  }

  /* Above the first unread message that is shown, if there is one. */
  #placeMarker() {
    const id = this.#unread.first((one) => this.#items.has(one));
    const first = id === undefined ? undefined : this.#items.get(id);
    if (first) first.prepend(this.#marker);
    else this.#marker.remove();
  }

  /**
   * A screen reader announces only new messages, not a whole page of them.
   *
   * @param {() => void} fn
   */
  #withoutAnnouncing(fn) {
    this.#scroller.setAttribute("aria-live", "off");
    fn();
    requestAnimationFrame(() => this.#scroller.setAttribute("aria-live", "polite"));
  }

  /** @param {Message} message */
  #insert(message) {
    if (this.#items.has(message.id)) return;
    const made = this.#newItem(message);
    this.#list.insertBefore(made, this.#itemAfter(message.id));
    this.#regroupAround(made);
  }

  /** @param {Message} message */
  #newItem(message) {
    const made = this.#renderOrBroken(message);
    this.#items.set(message.id, made);
    return made;
  }

  /**
   * One message that cannot be rendered must not prevent the others.
   *
   * @param {Message} message
   */
  #renderOrBroken(message) {
    try {
      const buttons = message.notice ? [] : this.#buttonsFor(message);
      return renderItem(message, message.chatter?.id === this.#me.id, buttons);
    } catch (error) {
      reportError(error);
      return renderBroken(message);
    }
  }

  /** @param {HTMLElement} item */
  #regroupAround(item) {
    const below = itemBelow(item);
    regroup(item);
    if (below) regroup(below);
  }

  /**
   * The item before which a message is inserted.  New messages go to the end,
   * so the search begins there.
   *
   * @param {number} id
   */
  #itemAfter(id) {
    let next = null;
    let item = lastItem(this.#list);
    while (item && (item.dataset.id === undefined || Number(item.dataset.id) > id)) {
      next = item;
      item = itemAbove(item);
    }
    return next;
  }

  /** @param {OutboxItem} outgoing @param {string} errorText */
  #newUnsentItem({ clientId, content, type, state, error }, errorText) {
    const { id, nickname } = this.#me;
    const item = renderItem({ chatter: { id, nickname }, type, content, created_at: wallNow() }, true);
    item.classList.add(state);
    item.dataset.state = state;
    if (state === "pending") item.setAttribute("aria-live", "off"); /* announced when it is posted */
    item.append(
      state === "failed" ? this.#failureNote(clientId, error?.passing ?? false, errorText) : element("p", "note", word("sending")),
    );
    return item;
  }

  /**
   * A message that was refused would be refused again, so it can be rewritten
   * and not retried.
   *
   * @param {string} clientId
   * @param {boolean} passing
   * @param {string} errorText
   */
  #failureNote(clientId, passing, errorText) {
    const note = element("div", "note");
    /** @type {Decision[]} */
    const decisions = [passing ? "retry" : "rewrite", "discard"];
    const buttons = decisions.map((decision) => {
      const className = decision === "discard" ? "link" : "link retry";
      const made = button(className, word(decision), () => this.#onDecision(decision, clientId));
      made.dataset.testid = decision;
      return made;
    });
    note.append(element("span", "why", word("notSent", errorText)), ...buttons);
    return note;
  }

  /* After midnight, today is yesterday; in another time zone days begin elsewhere. */
  #renameDays() {
    for (const one of this.#list.children) {
      const item = /** @type {HTMLElement} */ (one);
      const when = new Date(Number(item.dataset.at));
      item.dataset.day = when.toDateString();
      dayLine(item).textContent = dayName(when);
      regroup(item);
    }
  }
}

/** @param {HTMLElement} list */
const lastItem = (list) => /** @type {HTMLElement | null} */ (list.lastElementChild);
/** @param {HTMLElement} item */
const itemAbove = (item) => /** @type {HTMLElement | null} */ (item.previousElementSibling);
/** @param {HTMLElement} item */
const itemBelow = (item) => /** @type {HTMLElement | null} */ (item.nextElementSibling);
/** @param {HTMLElement} item */
const dayLine = (item) => /** @type {HTMLElement} */ (item.querySelector(".day"));

/**
 * Marks whether an item continues the one above it, and whether it begins a new day.
 *
 * @param {HTMLElement} item
 */
function regroup(item) {
  const above = itemAbove(item);
  const near = above && Number(item.dataset.at) - Number(above.dataset.at) < GROUP_MS;
  const follows = near && item.dataset.author && item.dataset.author === above.dataset.author;
  const newDay = item.dataset.day !== above?.dataset.day;
  item.classList.toggle("follows", Boolean(follows) && !newDay);
  dayLine(item).hidden = !newDay;
}
