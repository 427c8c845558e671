/*
 * inbox: the bell, and behind it what the visitor was notified of, newest
 * first, and how long the page remembers who that is.  The bell stands in the
 * view that is shown.
 */

import { roomAddress } from "./address.js";
import { notified } from "./tab-title.js";
import { $, announce, avatar, button, busy, element, icon, refill } from "./elements.js";
import { sentence, unmarked } from "./bidi.js";
import { stampOf, wallNow } from "./times.js";
import { explain, notificationWords, word } from "./words.js";

const PAGE = 20;
const NEAR_END_PX = 60;
const ENDINGS = new Set(["signed_out", "token_invalid"]);

export class Inbox {
  #parlor;
  #identity;
  #byId = new Map(); /* in the order of the list: newest first */
  #unread = 0;
  #loading = false;
  #stale = false; /* something came while the list was being asked for */

  constructor({ parlor, identity, queue }) {
    this.#parlor = parlor;
    this.#identity = identity;
    queue
      .on("missed", () => this.#load())
      .on("notification", (told) => this.#hear(told))
      .on("notifications", (told) => this.#change(told))
      .on("ended", (why) => this.#end(why));
    this.#listen();
  }

  /* The bell goes to where `view` has a place for it. */
  standIn(view) {
    view.querySelector("[data-bell]").append($("bell"));
    $("bell").hidden = !this.#identity.known;
    this.#showCount();
  }

  #listen() {
    const on = (id, name, fn) => $(id).addEventListener(name, fn);
    on("bell", "click", () => this.#open());
    on("inbox-close", "click", () => $("inbox").close());
    on("inbox", "click", ({ target }) => {
      if (target === $("inbox")) $("inbox").close(); /* the backdrop */
    });
    on("inbox-read-all", "click", () => busy($("inbox-read-all"), () => this.#readAll()));
    on("inbox-more", "click", () => busy($("inbox-more"), () => this.#more()));
    on("notifications", "scroll", ({ target }) => {
      const below = target.scrollHeight - target.scrollTop - target.clientHeight;
      if (below < NEAR_END_PX && !$("inbox-more").hidden) $("inbox-more").click();
    });
    on("remember-me", "change", () => this.#remember());
    on("forget-me", "click", () => $("forget-dialog").showModal());
    on("forget-cancel", "click", () => $("forget-dialog").close());
    on("forget-form", "submit", (event) => {
      event.preventDefault();
      busy($("forget-sure"), () => this.#forget());
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
      $("inbox-error").textContent = explain(error);
    } finally {
      this.#loading = false;
    }
  }

  async #loadOnce() {
    this.#stale = false;
    const page = await this.#parlor.notifications({ limit: PAGE });
    this.#byId = new Map(page.notifications.map((one) => [one.id, one]));
    this.#unread = page.unread;
    this.#draw(page.has_more);
  }

  async #more() {
    const before = [...this.#byId.values()].at(-1)?.changed_at;
    try {
      const page = await this.#parlor.notifications({ limit: PAGE, before });
      for (const one of page.notifications) this.#byId.set(one.id, one);
      this.#draw(page.has_more);
    } catch (error) {
      $("inbox-error").textContent = explain(error);
    }
  }

  #hear({ notification, unread }) {
    this.#stale = true;
    const known = this.#byId.get(notification.id);
    this.#byId.delete(notification.id);
    this.#byId = new Map([[notification.id, notification], ...this.#byId]);
    const more = unread > this.#unread || notification.count > (known?.count ?? 0);
    this.#unread = unread;
    this.#draw();
    if (more) this.#ring(notification);
  }

  #ring(notification) {
    announce(notificationWords(notification));
    $("bell").classList.remove("rings");
    requestAnimationFrame(() => $("bell").classList.add("rings"));
  }

  /* Times are texts of one form and length, and compare as such. */
  #change({ read = [], upto = "", deleted = [], unread }) {
    this.#stale = true;
    const now = wallNow().toISOString();
    for (const one of this.#byId.values())
      if (read === "all" || read.includes(one.id) || one.changed_at <= upto) one.read_at ??= now;
    for (const id of deleted) this.#byId.delete(id);
    this.#unread = unread;
    this.#draw();
  }

  #end(why) {
    if (!ENDINGS.has(why)) return;
    this.#identity.end();
    $("bell").hidden = true;
    $("inbox").close();
    notified(0);
  }

  /* ---- how it looks ---- */

  #draw(more = !$("inbox-more").hidden) {
    refill($("notifications"), [...this.#byId.values()].map((one) => this.#row(one)));
    $("inbox-state").textContent = this.#byId.size === 0 ? word("inboxEmpty") : "";
    $("inbox-more").hidden = !more;
    $("inbox-read-all").hidden = this.#unread === 0;
    this.#showCount();
  }

  #showCount() {
    const unread = this.#unread;
    $("bell").setAttribute("aria-label", word("bell", unread));
    $("bell-count").hidden = unread === 0;
    $("bell-count").textContent = unread > 99 ? "99+" : unread;
    $("inbox-count").hidden = unread === 0;
    $("inbox-count").textContent = unread;
    notified(unread);
  }

  #row(one) {
    const row = element("li", "notification");
    const words = notificationWords(one);
    const what = this.#what(one);
    const said = element("span", "words");
    const text = element("span", "text");
    text.append(...sentence(words));
    if (words === one.text) text.dir = "auto"; /* the sender's words */
    row.dataset.id = one.id;
    row.dataset.testid = "notification";
    if (!one.read_at) row.dataset.unread = "";
    said.append(text, stampOf(new Date(one.changed_at)));
    if (!one.read_at) said.append(element("span", "spoken", word("unread")));
    what.append(avatar({ id: one.from?.chatter ?? one.type, nickname: unmarked(words) }), said);
    const away = button("icon-button", "", () => busy(away, () => this.#delete(one)));
    away.append(icon("close"));
    away.setAttribute("aria-label", word("deleteNotification", words));
    row.append(what, away);
    return row;
  }

  #what(one) {
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

  /* ---- what is done with it ---- */

  async #follow(one, address) {
    await this.#read(one);
    $("inbox").close();
    location.assign(address);
  }

  async #read(one) {
    if (!one.read_at) await this.#ask(() => this.#parlor.readNotification(one.id), { read: [one.id] });
  }

  async #readAll() {
    const [newest] = this.#byId.values();
    const upto = newest?.changed_at;
    await this.#ask(() => this.#parlor.readNotifications({ upto }), { upto });
    $("inbox-close").focus();
  }

  async #delete(one) {
    const unread = this.#unread - (one.read_at ? 0 : 1);
    await this.#ask(() => this.#parlor.deleteNotification(one.id), { deleted: [one.id], unread });
    if (document.activeElement === document.body) $("inbox-close").focus(); /* the list is empty */
  }

  /* The queue tells the same a moment later. */
  async #ask(request, change) {
    $("inbox-error").textContent = "";
    try {
      const answer = await request();
      this.#change({ ...change, unread: answer?.unread ?? change.unread });
    } catch (error) {
      $("inbox-error").textContent = explain(error);
    }
  }

  /* ---- who one is ---- */

  async #remember() {
    $("inbox-error").textContent = "";
    try {
      await this.#identity.remember($("remember-me").checked);
    } catch (error) {
      $("inbox-error").textContent = explain(error);
    }
    $("remember-me").checked = this.#identity.remembered;
  }

  async #forget() {
    $("forget-error").textContent = "";
    try {
      await this.#identity.forget();
      location.assign("./");
    } catch (error) {
      $("forget-error").textContent = explain(error);
    }
  }
}

/* Where it happened, or null. */
function addressOf({ target, from }) {
  if (target?.kind === "room") return roomAddress(target.id);
  if (target?.kind === "message" && from) return roomAddress(from.room, target.id);
  return null;
}
