/*
 * inbox: the bell and the notifications behind it, newest first, and whether
 * the page remembers the visitor.  The bell stands in the view that is shown.
 */

import { roomAddress } from "./address.js";
import { sentenceNodes, stripIsolates } from "./bidi.js";
import { $, announce, avatar, button, element, icon, replaceRows, whileBusy } from "./elements.js";
import { setNotificationCount } from "./tab-title.js";
import { shortTime, wallNow } from "./times.js";
import { errorText, notificationText, word } from "./words.js";

/**
 * @typedef {import("./types.js").Notification} Notification
 */

/**
 * The data of a `notifications` event.
 *
 * @typedef {object} Change
 * @property {number[] | "all"} [read]
 * @property {string} [upto] all that changed up to then are read
 * @property {number[]} [deleted]
 * @property {number} unread
 */

const PAGE = 20;
const NEAR_END_PX = 60;
const SIGNED_OUT = new Set(["signed_out", "token_invalid"]);

export class Inbox {
  #parlor;
  #identity;
  /** @type {Map<number, Notification>} by id, newest first */
  #notifications = new Map();
  #unread = 0;
  #loading = false;
  #stale = false; /* an event came while the list was being loaded */

  /** @param {Pick<import("./app.js").Visitor, "parlor" | "identity" | "queue">} visitor */
  constructor({ parlor, identity, queue }) {
    this.#parlor = parlor;
    this.#identity = identity;
    queue
      .on("missed", () => this.#load())
      .on("notification", (data) => this.#onNotification(data))
      .on("notifications", (change) => this.#apply(change))
      .on("ended", (code) => this.#onEnded(code));
    this.#listen();
  }

  /**
   * Moves the bell into `view`.
   *
   * @param {HTMLElement} view
   */
  attachBell(view) {
    /** @type {HTMLElement} */ (view.querySelector("[data-bell]")).append($("bell"));
    $("bell").hidden = !this.#identity.isKnown;
    this.#showCount();
  }

  #listen() {
    /** @param {string} id @param {string} name @param {(event: Event) => void} fn */
    const on = (id, name, fn) => $(id).addEventListener(name, fn);
    on("bell", "click", () => this.#open());
    on("inbox-close", "click", () => $("inbox").close());
    on("inbox", "click", ({ target }) => {
      if (target === $("inbox")) $("inbox").close(); /* the backdrop */
    });
    on("inbox-read-all", "click", () => whileBusy($("inbox-read-all"), () => this.#readAll()));
    on("inbox-more", "click", () => whileBusy($("inbox-more"), () => this.#loadMore()));
    on("notifications", "scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = $("notifications");
      const below = scrollHeight - scrollTop - clientHeight;
      if (below < NEAR_END_PX && !$("inbox-more").hidden) $("inbox-more").click();
    });
    on("remember-me", "change", () => this.#setRemembered());
    on("forget-me", "click", () => $("forget-dialog").showModal());
    on("forget-cancel", "click", () => $("forget-dialog").close());
    on("forget-form", "submit", (event) => {
      event.preventDefault();
      whileBusy($("forget-sure"), () => this.#forget());
    });
  }

  #open() {
    $("remember-me").checked = this.#identity.remembered;
    $("inbox-error").textContent = "";
    $("inbox").showModal();
    $("notifications").scrollTop = 0;
  }

  /* ---- what is in it ---- */

  async #load() {
    this.#stale = true;
    if (this.#loading) return;
    this.#loading = true;
    try {
      while (this.#stale) await this.#loadOnce();
    } catch (error) {
      $("inbox-error").textContent = errorText(error);
    } finally {
      this.#loading = false;
    }
  }

  async #loadOnce() {
    this.#stale = false;
    const page = await this.#parlor.notifications({ limit: PAGE });
    this.#notifications = new Map(page.notifications.map((one) => [one.id, one]));
    this.#unread = page.unread;
    this.#render(page.has_more);
  }

  async #loadMore() {
    const before = [...this.#notifications.values()].at(-1)?.changed_at;
    try {
      const page = await this.#parlor.notifications({ limit: PAGE, before });
      for (const one of page.notifications) this.#notifications.set(one.id, one);
      this.#render(page.has_more);
    } catch (error) {
      $("inbox-error").textContent = errorText(error);
    }
  }

  /** @param {{ notification: Notification, unread: number }} data */
  #onNotification({ notification, unread }) {
    this.#stale = true;
    const known = this.#notifications.get(notification.id);
    this.#notifications.delete(notification.id);
    this.#notifications = new Map([[notification.id, notification], ...this.#notifications]);
    const more = unread > this.#unread || notification.count > (known?.count ?? 0);
    this.#unread = unread;
    this.#render();
    if (more) this.#ring(notification);
  }

  /** @param {Notification} notification */
  #ring(notification) {
    announce(notificationText(notification));
    $("bell").classList.remove("rings");
    requestAnimationFrame(() => $("bell").classList.add("rings"));
  }

  /**
   * Times are texts of one form and length, and compare as such.
   *
   * @param {Change} change
   */
  #apply({ read = [], upto = "", deleted = [], unread }) {
    this.#stale = true;
    const now = wallNow().toISOString();
    for (const one of this.#notifications.values())
      if (read === "all" || read.includes(one.id) || one.changed_at <= upto) one.read_at ??= now;
    for (const id of deleted) this.#notifications.delete(id);
    this.#unread = unread;
    this.#render();
  }

  /** @param {string} code */
  #onEnded(code) {
    if (!SIGNED_OUT.has(code)) return;
    this.#identity.reset();
    $("bell").hidden = true;
    $("inbox").close();
    setNotificationCount(0);
  }

  /* ---- how it is shown ---- */

  #render(more = !$("inbox-more").hidden) {
    replaceRows($("notifications"), [...this.#notifications.values()].map((one) => this.#renderRow(one)));
    $("inbox-state").textContent = this.#notifications.size === 0 ? word("inboxEmpty") : "";
    $("inbox-more").hidden = !more;
    $("inbox-read-all").hidden = this.#unread === 0;
    this.#showCount();
  }

  #showCount() {
    const unread = this.#unread;
    $("bell").setAttribute("aria-label", word("bell", unread));
    $("bell-count").hidden = unread === 0;
    $("bell-count").textContent = unread > 99 ? "99+" : String(unread);
    $("inbox-count").hidden = unread === 0;
    $("inbox-count").textContent = String(unread);
    setNotificationCount(unread);
  }

  /** @param {Notification} one */
  #renderRow(one) {
    const row = element("li", "notification");
    const sentence = notificationText(one);
    const target = this.#renderTarget(one);
    const words = element("span", "words");
    const text = element("span", "text");
    text.append(...sentenceNodes(sentence));
    if (sentence === one.text) text.dir = "auto"; /* the sender's own text */
    row.dataset.id = String(one.id);
    row.dataset.testid = "notification";
    if (!one.read_at) row.dataset.unread = "";
    words.append(text, shortTime(new Date(one.changed_at)));
    if (!one.read_at) words.append(element("span", "visually-hidden", word("unread")));
    target.append(avatar({ id: one.from?.chatter ?? one.type, nickname: stripIsolates(sentence) }), words);
    const deleteButton = button("icon-button", "", () => whileBusy(deleteButton, () => this.#delete(one)));
    deleteButton.append(icon("close"));
    deleteButton.setAttribute("aria-label", word("deleteNotification", sentence));
    row.append(target, deleteButton);
    return row;
  }

  /**
   * A link to where it happened, or a button that only marks it as read.
   *
   * @param {Notification} one
   */
  #renderTarget(one) {
    const address = addressOf(one);
    if (!address) return button("what", "", () => this.#read(one));
    const link = element("a", "what");
    link.href = address;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#follow(one, link.href);
    });
    return link;
  }

  /* ---- what can be done with it ---- */

  /** @param {Notification} one @param {string} address */
  async #follow(one, address) {
    await this.#read(one);
    $("inbox").close();
    location.assign(address);
  }

  /** @param {Notification} one */
  async #read(one) {
    if (!one.read_at) await this.#request(() => this.#parlor.readNotification(one.id), { read: [one.id] });
  }

  async #readAll() {
    const [newest] = this.#notifications.values();
    const upto = newest?.changed_at;
    await this.#request(() => this.#parlor.readNotifications({ upto }), { upto });
    $("inbox-close").focus();
  }

  /** @param {Notification} one */
  async #delete(one) {
    const unread = this.#unread - (one.read_at ? 0 : 1);
    await this.#request(() => this.#parlor.deleteNotification(one.id), { deleted: [one.id], unread });
    if (document.activeElement === document.body) $("inbox-close").focus(); /* the list is empty */
  }

  /**
   * Applies the change at once; the queue brings it again a moment later.
   *
   * @param {() => Promise<any>} send
   * @param {Partial<Change>} change
   */
  async #request(send, change) {
    $("inbox-error").textContent = "";
    try {
      const answer = await send();
      this.#apply({ ...change, unread: answer?.unread ?? change.unread });
    } catch (error) {
      $("inbox-error").textContent = errorText(error);
    }
  }

  /* ---- the visitor ---- */

  async #setRemembered() {
    $("inbox-error").textContent = "";
    try {
      await this.#identity.setRemembered($("remember-me").checked);
    } catch (error) {
      $("inbox-error").textContent = errorText(error);
    }
    $("remember-me").checked = this.#identity.remembered;
  }

  async #forget() {
    $("forget-error").textContent = "";
    try {
      await this.#identity.forget();
      location.assign("./");
    } catch (error) {
      $("forget-error").textContent = errorText(error);
    }
  }
}

/**
 * Where it happened, or null.
 *
 * @param {Notification} notification
 */
function addressOf({ target, from }) {
  if (target?.kind === "room") return roomAddress(target.id);
  if (target?.kind === "message" && from) return roomAddress(from.room, target.id);
  return null;
}
