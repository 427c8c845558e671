/*
 * log: the list of what was said, as the page shows it.
 *
 * Messages stand in the order of their ids, whichever way they came (the
 * picture, the stream, the answer to a send, an older page); what is not yet
 * confirmed stands below them.  Text from outside is only ever textContent.
 */

const GROUP_MS = 5 * 60_000;
const TINTS = 8;
const AT_END_PX = 48;

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
});

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/* The same colour for the same person, on every screen. */
export function avatar(chatter) {
  const made = element("span", "avatar");
  const sum = [...chatter.id].reduce((n, c) => (n * 31 + c.codePointAt(0)) >>> 0, 7);
  made.classList.add(`tint-${sum % TINTS}`);
  made.dataset.initial = [...chatter.nickname][0].toLocaleUpperCase();
  made.setAttribute("aria-hidden", "true");
  return made;
}

export class Log {
  #scroller;
  #list;
  #onRetry;
  #onDiscard;
  #byId = new Map();
  #waiting = new Map(); /* client_id -> element of an unconfirmed message */
  #me = null;

  constructor({ scroller, list, onRetry, onDiscard }) {
    this.#scroller = scroller;
    this.#list = list;
    this.#onRetry = onRetry;
    this.#onDiscard = onDiscard;
    this.#keepAtEnd();
  }

  get oldest() {
    const first = this.#list.querySelector("[data-id]");
    return first ? Number(first.dataset.id) : null;
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
    });
    new ResizeObserver(() => {
      if (atEnd) this.toEnd();
    }).observe(this.#scroller);
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /* Who the reader is now: after a rename the same chatter, named anew. */
  set me(chatter) {
    this.#me = chatter;
  }

  /* Begins anew with a picture's messages; what waits to be sent stays. */
  draw(messages, me) {
    this.#me = me;
    for (const item of this.#byId.values()) item.remove();
    this.#byId.clear();
    this.#quietly(() => messages.forEach((message) => this.#place(message)));
    this.toEnd();
  }

  clear() {
    this.#list.replaceChildren();
    this.#byId.clear();
    this.#waiting.clear();
  }

  /* Returns false if it is shown already. */
  add(message) {
    if (this.#byId.has(message.id)) return false;
    const follow = this.atEnd;
    this.#place(message);
    if (follow) this.toEnd();
    return true;
  }

  /* Older messages come in above; what the reader looks at stays in place. */
  prepend(messages) {
    const { scrollHeight, scrollTop } = this.#scroller;
    this.#quietly(() => messages.forEach((message) => this.#place(message)));
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

  /* A whole page read out at once helps nobody: only news is announced. */
  #quietly(fn) {
    this.#scroller.setAttribute("aria-live", "off");
    fn();
    requestAnimationFrame(() => this.#scroller.setAttribute("aria-live", "polite"));
  }

  #place(message) {
    if (this.#byId.has(message.id)) return;
    const made = message.type === "alert" ? alertItem(message) : this.#messageItem(message);
    made.dataset.id = message.id;
    this.#byId.set(message.id, made);
    this.#list.insertBefore(made, this.#successor(message.id));
    this.#regroup(made);
    if (made.nextElementSibling) this.#regroup(made.nextElementSibling);
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

  #messageItem({ chatter, content, created_at: time }) {
    const author = chatter ?? { id: "", nickname: "?" };
    const item = frame("message", new Date(time));
    const mine = author.id === this.#me?.id;
    item.classList.toggle("mine", mine);
    item.dataset.testid = "message";
    item.dataset.author = author.id;
    item.append(avatar(author), head(author.nickname, new Date(time)), bubble(content));
    return item;
  }

  #waitingItem({ clientId, content, state }, words) {
    const item = frame("message", new Date());
    item.classList.add("mine", state);
    item.dataset.testid = "message";
    item.dataset.author = this.#me.id;
    item.dataset.state = state;
    item.append(avatar(this.#me), head(this.#me.nickname, new Date()), bubble(content));
    item.append(state === "failed" ? this.#failure(clientId, words) : element("p", "note", "Sending…"));
    return item;
  }

  #failure(clientId, words) {
    const note = element("div", "note");
    const retry = element("button", "link", "Send again");
    const discard = element("button", "link", "Discard");
    retry.type = "button";
    retry.dataset.testid = "retry";
    discard.type = "button";
    discard.dataset.testid = "discard";
    retry.addEventListener("click", () => this.#onRetry(clientId));
    discard.addEventListener("click", () => this.#onDiscard(clientId));
    note.append(element("span", "why", `Not sent. ${words}`), retry, discard);
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
}

function frame(className, when) {
  const item = element("li", className);
  item.dataset.at = when.getTime();
  item.dataset.day = when.toDateString();
  item.append(element("div", "day", dayWords(when)));
  return item;
}

function head(nickname, when) {
  const made = element("div", "head");
  made.append(element("bdi", "author", nickname), timeOf(when));
  return made;
}

function bubble(content) {
  const made = element("p", "text", content);
  made.dir = "auto";
  return made;
}

function alertItem({ content, notice, created_at: time }) {
  const when = new Date(time);
  const item = frame(notice ? "alert notice" : "alert", when);
  const line = element("p", "line");
  const text = element("bdi", "text", content);
  item.dataset.testid = "alert";
  line.append(text, timeOf(when));
  item.append(line);
  return item;
}

function timeOf(when) {
  const made = element("time", "", clock.format(when));
  made.dateTime = when.toISOString();
  return made;
}

function dayWords(when) {
  return when.toDateString() === new Date().toDateString() ? "Today" : calendar.format(when);
}
