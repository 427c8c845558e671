/*
 * chat: a room that the visitor has joined.  enter() shows a snapshot and
 * continues from its cursor; showClosed() shows the history of a room that has
 * closed.
 *
 * The visitor's chatter is kept with the identity: a reload comes back as the
 * same chatter, a new visit is a new one, unless the visitor is remembered.
 */

import { roomAddress, roomsAddress, storageKey } from "./address.js";
import { Compose, focusCompose } from "./compose.js";
import { ConnectionBanner } from "./connection-banner.js";
import { $, whileBusy } from "./elements.js";
import { ExpiryNotice } from "./expiry-notice.js";
import { History } from "./history.js";
import { Likes } from "./likes.js";
import { MessageActions } from "./message-actions.js";
import { MessageEditing } from "./message-editing.js";
import { MessageLog } from "./message-log.js";
import { Moderation, canModerate } from "./moderation.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { openPrivateRoom } from "./private-room.js";
import { clearProblem, focusChat, showProblem } from "./problem-bar.js";
import { ReadMarker } from "./read-marker.js";
import { RenameDialog } from "./rename-dialog.js";
import { RoomHeader } from "./room-header.js";
import { showOnRoomList } from "./room-list.js";
import { RoomSettings } from "./room-settings.js";
import { Slot } from "./slots.js";
import { setUnreadCount } from "./tab-title.js";
import { endedText, errorText, word } from "./words.js";

/**
 * @typedef {import("./types.js").Chatter} Chatter
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Room} Room
 * @typedef {import("./types.js").Snapshot} Snapshot
 * @typedef {import("./stream.js").StateChange} StateChange
 * @typedef {import("./entry.js").EntryReason} EntryReason
 */

const SIGNED_OUT = new Set(["signed_out", "token_invalid"]);

export class Chat {
  #parlor;
  #identity;
  #queue;
  #inbox;
  #room; /* its id */
  #key;
  #ended;
  /** @type {Room} as the server last sent it */
  #about = /** @type {any} */ (null);
  /** @type {Chatter} the visitor */
  #me = /** @type {any} */ (null);
  /** @type {import("./stream.js").Stream | null} */
  #stream = null;
  #banner = new ConnectionBanner({ retry: () => this.#stream?.retryNow() });
  #header;
  #expiry;
  #outbox;
  #log;
  #history;
  #people;
  #likes;
  #readMarker;
  #compose;
  #editing;
  #settings;

  /**
   * @param {import("./app.js").Visitor & { room: string, ended: (reason: EntryReason) => void }} options
   *   `ended` is called when the server ends the visit
   */
  constructor({ parlor, identity, queue, inbox, room, ended }) {
    this.#parlor = parlor;
    this.#identity = identity;
    this.#queue = queue;
    this.#inbox = inbox;
    this.#room = room;
    this.#key = storageKey(room);
    this.#ended = ended;
    this.#header = new RoomHeader(room);
    this.#expiry = new ExpiryNotice({
      load: async () => (await parlor.room(room)).room,
      changed: (now) => this.#showRoom(now),
      expired: () => this.#expire(),
    });
    this.#likes = new Likes({ parlor, room, key: `${this.#key} likes`, me: () => this.#me });
    this.#log = this.#makeLog();
    this.#history = new History({
      log: this.#log,
      loadPage: (before) => parlor.messages(room, { before: before ?? undefined }),
    });
    this.#editing = new MessageEditing({
      log: this.#log,
      save: async (id, content) => this.#updateMessage(await parlor.editMessage(room, id, content)),
      done: focusChat,
    });
    const moderation = new Moderation({ parlor, room });
    this.#people = new People({
      write: (other) => this.#writePrivately(other),
      choices: (other, role) => moderation.choices(other, role),
    });
    this.#readMarker = new ReadMarker((message, options) => parlor.markRead(room, message, options));
    this.#outbox = new Outbox({
      key: `${this.#key} outbox`,
      send: (item) => this.#deliver(item),
      changed: (item) => this.#showOutgoing(item),
    });
    this.#compose = new Compose({ key: `${this.#key} draft`, send: (content, type) => this.#send(content, type) });
    this.#settings = new RoomSettings({
      parlor,
      room,
      changed: (now) => this.#roomChanged(now),
      deleted: () => this.#exit(word("roomDeleted")),
    });
    new RenameDialog({
      nickname: () => this.#me.nickname,
      rename: (nickname) => this.#rename(nickname),
      failed: (error) => this.#checkExpired(error),
    });
    this.#listen();
  }

  #makeLog() {
    const actions = new MessageActions({
      me: () => this.#me,
      likeButton: (message) => this.#likes.buttonFor(message),
      edit: (message) => this.#editing.open(message),
      remove: ({ id }) => this.#parlor.deleteMessage(this.#room, id),
    });
    return new MessageLog({
      scroller: $("log"),
      list: $("messages"),
      onDecision: (decision, clientId) => this.#handleFailed(decision, clientId),
      onPosition: (position) => this.#onPosition(position),
      buttonsFor: (message) => actions.buttonsFor(message),
    });
  }

  /** @param {Snapshot} snapshot */
  enter(snapshot) {
    this.#setState("open");
    this.#render(snapshot);
    this.#outbox.start();
    this.#compose.start();
    this.#openStream(snapshot.cursor);
    if (!focusCompose()) this.#header.focus();
    this.#history.revealLinked();
  }

  /** @param {{ chatter: Chatter, room: Room, messages: Message[] }} past */
  showClosed({ chatter, room, messages }) {
    this.#setState("expired");
    this.#render({ chatter, room: { ...room, online: 0 }, chatters: [], messages });
    this.#outbox.failAll({ code: "room_expired" });
    this.#header.focus();
    this.#history.revealLinked();
  }

  get #isOpen() {
    return $("chat-view").dataset.state === "open";
  }

  /** @param {"open" | "expired"} state */
  #setState(state) {
    const open = state === "open";
    $("chat-view").hidden = false;
    this.#inbox.attachBell($("chat-view"));
    $("chat-view").dataset.state = state;
    $("compose").hidden = !open;
    $("rename").hidden = !open;
    $("people-toggle").hidden = !open;
    $("skip").hidden = false;
    $("skip").textContent = word(open ? "skipToText" : "skipToMessages");
    $("skip").href = open ? "#text" : "#log";
    this.#people.close();
    clearProblem();
  }

  /** @param {Omit<Snapshot, "cursor">} snapshot */
  #render({ chatter, room, chatters, messages }) {
    this.#me = chatter;
    this.#identity.setChatter(this.#room, chatter);
    this.#showRoom(room);
    this.#history.setMore(messages.length > 0 && messages[0].id > 1);
    this.#editing.keepThrough(() => this.#log.render(messages, chatter));
    this.#people.set(chatters, Math.max(room.online, chatters.length), chatter);
  }

  #listen() {
    /** @param {string} id @param {() => void} fn */
    const onClick = (id, fn) => $(id).addEventListener("click", fn);
    onClick("newest", () => {
      this.#log.scrollToEnd();
      focusChat();
    });
    onClick("settings", () => this.#settings.open(this.#about));
    onClick("reopen", () => this.#settings.open(this.#about));
    onClick("leave", () => whileBusy($("leave"), () => this.#leave()));
  }

  /* ---- the stream ---- */

  /** @param {string} cursor */
  #openStream(cursor) {
    const stream = this.#parlor.stream([this.#room], {
      cursor,
      snapshot: () => this.#reload(),
      slot: new Slot(this.#parlor.events.origin),
    });
    this.#stream = stream;
    stream.on("message", ({ message }) => this.#addMessage(message));
    stream.on("alert", ({ message }) => this.#addMessage(message));
    stream.on("edited", (data) => this.#updateMessage(data));
    stream.on("deleted", (data) => this.#updateMessage(data));
    stream.on("presence", (presence) => this.#applyPresence(presence));
    stream.on("chatters", ({ chatters, count }) => this.#people.set(chatters, count, this.#me));
    stream.on("room", ({ room }) => this.#showRoom(room));
    stream.on("state", (change) => this.#onState(change));
    stream.on("read", (data) => this.#onRead(data));
    this.#queue.follow(stream);
    stream.open();
  }

  /* The server could not replay all that was missed: load a new snapshot. */
  async #reload() {
    const snapshot = await this.#parlor.join(this.#room);
    this.#render(snapshot);
    return snapshot.cursor;
  }

  /** @param {StateChange} change */
  #onState(change) {
    const isBack = this.#banner.show(change);
    if (isBack) this.#outbox.resume();
    if (change.state === "closed" && change.reason !== "closed") this.#onEnded(change);
  }

  /** @param {StateChange} change */
  async #onEnded({ reason, error }) {
    if (error?.code === "room_expired" || reason === "room_expired") {
      this.#expire();
      return;
    }
    this.#outbox.stop();
    this.#endVisit();
    if (SIGNED_OUT.has(reason ?? error?.code ?? "")) this.#identity.reset();
    const { nickname } = this.#me;
    const { title } = this.#about;
    const ban = reason === "removed" ? await this.#banError() : null;
    this.#ended({ text: ban ? "" : endedText({ reason, error }), error: ban ?? error, nickname, title });
  }

  /* A visitor who was removed may be banned as well; only a request shows that. */
  async #banError() {
    try {
      await this.#parlor.messages(this.#room, { limit: 1 });
    } catch (error) {
      if (error.code === "banned") return error;
    }
    return null;
  }

  /* Unsent messages and the draft stay, and are deleted only by leaving. */
  #endVisit() {
    this.#expiry.stop();
    this.#stream?.close();
    closeDialogs();
    this.#editing.cancel();
    this.#log.clear();
    this.#identity.setChatter(this.#room, null);
  }

  /* ---- the room and who is in it ---- */

  /** @param {Room} room */
  #showRoom(room) {
    this.#about = room;
    this.#applyRules();
    this.#header.show(room);
    if (this.#isOpen) this.#expiry.watch(room);
    else this.#expiry.showClosed();
  }

  /* What the visitor may do follows from the role and the room. */
  #applyRules() {
    const { role } = this.#me;
    $("chat-view").dataset.role = role;
    $("room-tools").hidden = !canModerate(role);
    $("settings").hidden = role !== "owner";
    $("reopen").hidden = role !== "owner";
    this.#compose.setRules({ role, slowMs: this.#about.slow_ms });
  }

  /**
   * The owner has changed the room.  A closed room may be open again.
   *
   * @param {Room} room
   */
  #roomChanged(room) {
    if (!this.#isOpen && !room.expired) location.reload();
    else this.#showRoom(room);
  }

  #expire() {
    if (!this.#isOpen) return;
    this.#stream?.close();
    this.#queue.open();
    closeDialogs();
    this.#editing.cancel();
    this.#setState("expired");
    this.#expiry.showClosed();
    this.#people.set([], 0, this.#me);
    this.#header.focus();
  }

  /** @param {{ code: string } | null} error */
  #checkExpired(error) {
    if (error?.code === "room_expired") this.#expire();
  }

  /** @param {import("./types.js").Presence} presence */
  #applyPresence(presence) {
    const mine = this.#people.applyPresence(presence);
    if (mine) this.#setMe(mine);
  }

  /** @param {Chatter} chatter */
  #setMe({ nickname, role }) {
    this.#me = { ...this.#me, nickname, role };
    this.#log.me = this.#me;
    this.#identity.setChatter(this.#room, this.#me);
    this.#applyRules();
  }

  /* ---- reading ---- */

  /**
   * The sender gets a message twice: in the answer and by the stream.
   *
   * @param {Message} message
   */
  #addMessage(message) {
    const mine = message.chatter?.id === this.#me.id;
    if (mine && message.client_id) this.#outbox.confirm(message.client_id);
    this.#log.add(message);
  }

  /** @param {{ message: Message }} data of a message that was edited or deleted */
  #updateMessage({ message }) {
    this.#editing.keepThrough(() => this.#log.update(message));
  }

  /** @param {import("./message-log.js").Position} position */
  #onPosition({ atEnd, unread, unseen }) {
    $("newest").hidden = atEnd;
    $("newest").textContent = word("jump", unread);
    $("newest").classList.toggle("fresh", unread > 0);
    setUnreadCount(unseen);
    if (this.#isOpen && atEnd && !document.hidden) this.#readMarker.seen(this.#log.newest);
  }

  /** @param {{ room: string, message: number }} data */
  #onRead({ room, message }) {
    if (room !== this.#room) return;
    this.#readMarker.readElsewhere(message);
    this.#log.readUpTo(message);
  }

  /* ---- writing ---- */

  /** @param {string} content @param {"message" | "alert"} type */
  #send(content, type) {
    this.#log.markRead();
    this.#outbox.add(content, type);
  }

  /** @param {import("./outbox.js").OutboxItem} item */
  async #deliver({ content, clientId, type }) {
    try {
      const { message } = await this.#parlor.send(this.#room, content, { clientId, type });
      this.#addMessage(message);
    } catch (error) {
      if (error.code === "slow_mode") this.#compose.waitFor(error.retryMs ?? 0);
      throw error;
    }
  }

  /** @param {import("./outbox.js").OutboxItem} item */
  #showOutgoing(item) {
    if (item.state === "sent") this.#log.hideUnsent(item.clientId);
    else this.#log.showUnsent(item, item.error ? errorText(item.error) : "");
    this.#checkExpired(item.error);
  }

  /**
   * The visitor has decided about a message that was not sent.
   *
   * @param {import("./message-log.js").Decision} decision
   * @param {string} clientId
   */
  #handleFailed(decision, clientId) {
    if (decision !== "retry") this.#log.hideUnsent(clientId);
    if (decision === "rewrite") this.#compose.restore(this.#outbox.contentOf(clientId));
    if (decision === "retry") this.#outbox.retry(clientId);
    else this.#outbox.discard(clientId);
    if (decision === "rewrite") $("text").focus();
    else focusChat();
  }

  /* ---- the name, and the ways out ---- */

  /** @param {string} nickname */
  async #rename(nickname) {
    const answer = await this.#parlor.rename(this.#room, this.#me.id, nickname);
    this.#setMe(answer.chatter);
    $("me").textContent = this.#me.nickname;
  }

  /** @param {Chatter} other @returns {Promise<void>} */
  async #writePrivately(other) {
    try {
      const visitor = { parlor: this.#parlor, identity: this.#identity };
      location.assign(roomAddress(await openPrivateRoom(visitor, this.#room, this.#me, other)));
    } catch (error) {
      showProblem(errorText(error), word("tryAgain"), () => this.#writePrivately(other));
    }
  }

  /* The visitor is out, even if the server cannot be told at once. */
  async #leave() {
    this.#stream?.close();
    try {
      await this.#parlor.leave(this.#room, this.#me.id);
    } catch (error) {
      if (error.passing) showOnRoomList(word("leftUntold"));
    }
    this.#exit();
  }

  /**
   * Goes back to the list of rooms, which shows `text`.
   *
   * @param {string} text
   */
  #exit(text = "") {
    if (text) showOnRoomList(text);
    this.#endVisit();
    this.#outbox.clear();
    this.#compose.clear();
    /* The Back button would show a room that the visitor has left. */
    globalThis.addEventListener("pageshow", () => location.reload(), { once: true });
    location.assign(roomsAddress(this.#about.namespace));
  }
}

function closeDialogs() {
  for (const dialog of /** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll("dialog[open]"))) dialog.close();
}
