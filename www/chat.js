/*
 * chat: a room from within.  enter() shows a picture and goes on from its
 * cursor; read() shows what was said in a room that has closed.
 *
 * Who one is here is kept with the visitor's identity: a reload comes back as the
 * same chatter, a new visit is a new one, unless it is remembered.
 */

import { Actions } from "./message-actions.js";
import { keyOf, linkTo, roomAddress, roomsAddress, takeMessageAsked } from "./address.js";
import { countUnread, setTitle } from "./tab-title.js";
import { copyLink } from "./clipboard.js";
import { Compose, focusText } from "./compose.js";
import { markField } from "./entry.js";
import { $, busy, markInvalid } from "./elements.js";
import { Editing } from "./message-editing.js";
import { Likes } from "./likes.js";
import { Log } from "./message-log.js";
import { Moderation, moderates } from "./moderation.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { roomForTwo } from "./private-room.js";
import { Reading } from "./read-marker.js";
import { leadBack, tellNext } from "./room-list.js";
import { Settings } from "./room-settings.js";
import { Slot } from "./slots.js";
import { untilWords, wallNow } from "./times.js";
import { focusOn, setTrouble } from "./problem-bar.js";
import { explain, explainEnd, explainWait, stateWords, word } from "./words.js";

const NEAR_TOP_PX = 80;
const REVEAL_PAGES = 20; /* of older messages, at most, to find one */
const NOBODY_CODES = new Set(["signed_out", "token_invalid"]);
const LOOK_MS = 60_000; /* how often a room that will close is looked at */
const TOLD_MS = 2_000; /* the stream tells of the end before anybody has to ask */

export class Chat {
  #parlor;
  #identity;
  #queue;
  #inbox;
  #room;
  #key;
  #expelled;
  #about = null; /* the room as it was last told */
  #me = null;
  #stream = null;
  #outbox;
  #log;
  #people;
  #likes;
  #reading;
  #compose;
  #editing;
  #settings;
  #expiry = 0;

  /* `expelled` is told when the server ends the visit. */
  constructor({ parlor, identity, queue, inbox, room, expelled }) {
    this.#parlor = parlor;
    this.#identity = identity;
    this.#queue = queue;
    this.#inbox = inbox;
    this.#room = room;
    this.#key = keyOf(room);
    this.#expelled = expelled;
    this.#likes = new Likes({ parlor, room, key: `${this.#key} likes`, me: () => this.#me });
    this.#log = this.#makeLog();
    this.#editing = new Editing({
      log: this.#log,
      save: async (id, content) => this.#rewrite(await parlor.editMessage(room, id, content)),
      done: focusOn,
    });
    const moderation = new Moderation({ parlor, room });
    this.#people = new People({
      write: (other) => this.#writePrivately(other),
      choices: (other, role) => moderation.choices(other, role),
    });
    this.#reading = new Reading((message, options) => parlor.markRead(room, message, options));
    this.#outbox = new Outbox({
      key: `${this.#key} outbox`,
      send: (item) => this.#deliver(item),
      changed: (item) => this.#showOutgoing(item),
    });
    this.#compose = new Compose({ key: `${this.#key} draft`, say: (content, type) => this.#say(content, type) });
    this.#settings = new Settings({
      parlor,
      room,
      changed: (now) => this.#roomChanged(now),
      gone: () => this.#goOut(word("roomDeleted")),
    });
    this.#listen();
  }

  #makeLog() {
    const actions = new Actions({
      me: () => this.#me,
      heart: (message) => this.#likes.heart(message),
      edit: (message) => this.#editing.open(message),
      remove: ({ id }) => this.#parlor.deleteMessage(this.#room, id),
    });
    return new Log({
      scroller: $("log"),
      list: $("messages"),
      onFailure: (answer, clientId) => this.#answerFailure(answer, clientId),
      onMoved: (where) => this.#moved(where),
      actions: (message) => actions.of(message),
    });
  }

  enter(picture) {
    this.#show("open");
    this.#draw(picture);
    this.#outbox.start();
    this.#compose.start();
    this.#openStream(picture.cursor);
    if (!focusText()) $("room-title").focus();
    this.#reveal();
  }

  /* A room that has closed: what was said, and nothing to say. */
  read(picture) {
    this.#show("expired");
    this.#draw({ ...picture, room: { ...picture.room, online: 0 }, chatters: [] });
    this.#outbox.giveUp({ code: "room_expired" });
    $("room-title").focus();
    this.#reveal();
  }

  #show(state) {
    $("chat-view").hidden = false;
    this.#inbox.standIn($("chat-view"));
    $("chat-view").dataset.state = state;
    $("compose").hidden = state !== "open";
    $("rename").hidden = state !== "open";
    $("people-toggle").hidden = state !== "open";
    $("closed").hidden = state !== "expired";
    $("skip").hidden = false;
    $("skip").textContent = word(state === "open" ? "skipToText" : "skipToMessages");
    $("skip").href = state === "open" ? "#text" : "#log";
    this.#people.close();
    setTrouble("");
  }

  #draw({ chatter, room, chatters, messages }) {
    this.#me = chatter;
    this.#remember();
    this.#showRoom(room);
    showOlder(messages.length > 0 && messages[0].id > 1);
    this.#editing.through(() => this.#log.draw(messages, chatter));
    this.#people.set(chatters, Math.max(room.online, chatters.length), chatter);
  }

  #remember() {
    this.#identity.keep(this.#room, this.#me);
  }

  #listen() {
    const on = (id, name, fn) => $(id).addEventListener(name, fn);
    on("log", "scroll", () => {
      if ($("log").scrollTop < NEAR_TOP_PX) this.#readOlder();
    });
    on("older", "click", () => this.#readOlder());
    on("newest", "click", () => {
      this.#log.toEnd();
      focusOn();
    });
    on("copy-link", "click", () => this.#copyLink());
    on("rename", "click", () => this.#askName());
    on("rename-form", "submit", (event) => {
      event.preventDefault();
      busy($("rename-save"), () => this.#rename());
    });
    on("rename-cancel", "click", () => $("rename-dialog").close());
    on("settings", "click", () => this.#settings.open(this.#about));
    on("reopen", "click", () => this.#settings.open(this.#about));
    globalThis.addEventListener("hashchange", () => this.#reveal());
    on("leave", "click", () => busy($("leave"), () => this.#leave()));
  }

  /* ---- the stream ---- */

  #openStream(cursor) {
    const stream = this.#parlor.stream([this.#room], {
      cursor,
      snapshot: () => this.#redraw(),
      slot: new Slot(this.#parlor.events.origin),
    });
    this.#stream = stream;
    stream.on("message", ({ message }) => this.#hear(message));
    stream.on("alert", ({ message }) => this.#hear(message));
    stream.on("edited", (change) => this.#rewrite(change));
    stream.on("deleted", (change) => this.#rewrite(change));
    stream.on("presence", (change) => this.#movePeople(change));
    stream.on("chatters", ({ chatters, count }) => this.#people.set(chatters, count, this.#me));
    stream.on("room", ({ room }) => this.#showRoom(room));
    stream.on("state", (change) => this.#showState(change));
    stream.on("read", (read) => this.#readElsewhere(read));
    this.#queue.follow(stream);
    stream.open();
  }

  /* The server could not bring all that was missed: take a fresh picture. */
  async #redraw() {
    const picture = await this.#parlor.join(this.#room);
    this.#draw(picture);
    return picture.cursor;
  }

  #showState(change) {
    const { state, transport, crowded } = change;
    const before = $("state").dataset.state;
    $("state").textContent = stateWords(state);
    $("state").title = state === "open" && crowded ? word("crowded") : "";
    $("state").dataset.state = state;
    $("state").dataset.transport = transport;
    if (state === "open") {
      if ($("trouble").dataset.about === "connection") setTrouble("");
      if (before === "reconnecting") this.#outbox.resume();
    } else if (state === "reconnecting" && change.error) {
      setTrouble(explainWait(change.error), word("tryNow"), () => this.#stream.retryNow());
      $("trouble").dataset.about = "connection";
    } else if (state === "closed" && change.reason !== "closed") {
      this.#ended(change);
    }
  }

  async #ended(why) {
    if (why.error?.code === "room_expired" || why.reason === "room_expired") {
      this.#expire();
      return;
    }
    this.#outbox.stop();
    this.#forget();
    if (NOBODY_CODES.has(why.reason ?? why.error?.code)) this.#identity.end();
    const { nickname } = this.#me;
    const refused = why.reason === "removed" ? await this.#ban() : null;
    this.#expelled({ told: refused ? "" : explainEnd(why), refused: refused ?? why.error, nickname, title: this.#about.title });
  }

  /* Who was removed learns by asking whether they may come back. */
  async #ban() {
    try {
      await this.#parlor.messages(this.#room, { limit: 1 });
    } catch (error) {
      if (error.code === "banned") return error;
    }
    return null;
  }

  /* The visit is over.  What was written and not sent goes only with a Leave. */
  #forget() {
    clearTimeout(this.#expiry);
    this.#stream?.close();
    closeDialogs();
    this.#editing.cancel();
    this.#log.clear();
    this.#identity.keep(this.#room, null);
  }

  /* ---- the room and who is in it ---- */

  #showRoom(room) {
    this.#about = room;
    this.#suit();
    leadBack(room.namespace);
    $("room-title").firstElementChild.textContent = room.title;
    setTitle(room.title);
    clearTimeout(this.#expiry);
    const ends = room.expires_at ? new Date(room.expires_at) : null;
    const live = $("chat-view").dataset.state === "open";
    $("room-about").textContent = ends && live ? word("roomCloses", untilWords(ends)) : "";
    if (!ends || !live) return;
    const left = ends - wallNow();
    const pause = left > 0 ? Math.min(left + TOLD_MS, LOOK_MS) : LOOK_MS; /* the clock here is fast */
    this.#expiry = setTimeout(() => this.#lookAgain(room), pause);
  }

  /* What one may do follows from one's role and the room. */
  #suit() {
    const { role } = this.#me;
    $("chat-view").dataset.role = role;
    $("room-tools").hidden = !moderates(role);
    $("settings").hidden = role !== "owner";
    $("reopen").hidden = role !== "owner";
    this.#compose.suit({ role, slowMs: this.#about.slow_ms });
  }

  /* By its owner.  A room that had closed may be open again. */
  #roomChanged(room) {
    if ($("chat-view").dataset.state === "expired" && !room.expired) location.reload();
    else this.#showRoom(room);
  }

  /* The server decides what the time is.  Who cannot ask it looks again later. */
  async #lookAgain(room) {
    let now = room;
    if (new Date(room.expires_at) <= wallNow()) {
      const answer = await this.#parlor.room(this.#room).catch(() => null);
      now = answer?.room ?? room;
    }
    if (this.#about !== room || $("chat-view").hidden) return; /* things went on meanwhile */
    if (now.expired) this.#expire();
    else this.#showRoom(now);
  }

  #expire() {
    if ($("chat-view").dataset.state === "expired") return;
    clearTimeout(this.#expiry);
    this.#stream.close();
    this.#queue.open();
    closeDialogs();
    this.#editing.cancel();
    this.#show("expired");
    $("room-about").textContent = "";
    this.#people.set([], 0, this.#me);
    $("room-title").focus();
  }

  #movePeople(change) {
    const mine = this.#people.move(change);
    if (mine) this.#become(mine);
  }

  #become({ nickname, role }) {
    this.#me = { ...this.#me, nickname, role };
    this.#log.me = this.#me;
    this.#remember();
    this.#suit();
  }

  /* ---- reading ---- */

  /* The sender hears it twice, from the answer and from the room. */
  #hear(message) {
    const mine = message.chatter?.id === this.#me.id;
    if (mine && message.client_id) this.#outbox.confirm(message.client_id);
    this.#log.add(message);
  }

  /* Edited or deleted; who is editing another message goes on doing so. */
  #rewrite({ message }) {
    this.#editing.through(() => this.#log.change(message));
  }

  async #readOlder() {
    if ($("older").hidden) return;
    await busy($("older"), async () => {
      try {
        const page = await this.#parlor.messages(this.#room, { before: this.#log.oldest });
        this.#log.prepend(page.messages, () => showOlder(page.has_more));
      } catch (error) {
        setTrouble(explain(error), word("tryAgain"), () => this.#readOlder());
      }
    });
  }

  #moved(where) {
    showJump(where);
    countUnread(where.unseen);
    const open = $("chat-view").dataset.state === "open";
    if (open && where.atEnd && !document.hidden) this.#reading.seen(this.#log.newest);
  }

  #readElsewhere({ room, message }) {
    if (room !== this.#room) return;
    this.#reading.follow(message);
    this.#log.readUpTo(message);
  }

  /* The message that the address asks for, however far up it is. */
  async #reveal() {
    const id = takeMessageAsked();
    if (id === null) return;
    for (let page = 0; page < REVEAL_PAGES; page++) {
      if (this.#log.reveal(id) || $("older").hidden || this.#log.oldest < id) return;
      await this.#readOlder();
    }
  }

  /* ---- writing ---- */

  #say(content, type) {
    this.#log.markRead();
    this.#outbox.add(content, type);
  }

  async #deliver({ content, clientId, type }) {
    try {
      const { message } = await this.#parlor.send(this.#room, content, { clientId, type });
      this.#hear(message);
    } catch (error) {
      if (error.code === "slow_mode") this.#compose.wait(error.retryMs ?? 0);
      throw error;
    }
  }

  #showOutgoing(item) {
    if (item.state === "sent") this.#log.hideWaiting(item.clientId);
    else this.#log.showWaiting(item, item.error ? explain(item.error) : "");
    if (item.error?.code === "room_expired") this.#expire();
  }

  /* `answer` is retry, discard, or rewrite: the text goes back to where it was written. */
  #answerFailure(answer, clientId) {
    if (answer !== "retry") this.#log.hideWaiting(clientId);
    if (answer === "rewrite") this.#compose.take(this.#outbox.contentOf(clientId));
    if (answer === "retry") this.#outbox.retry(clientId);
    else this.#outbox.discard(clientId);
    if (answer === "rewrite") $("text").focus();
    else focusOn();
  }

  /* ---- the link, the name, the way out ---- */

  async #copyLink() {
    const link = linkTo(this.#room);
    if (!(await copyLink(link))) setTrouble(word("linkNotCopied", link));
  }

  async #writePrivately(other) {
    try {
      const room = await roomForTwo(
        { parlor: this.#parlor, identity: this.#identity }, this.#room, this.#me, other,
      );
      location.assign(roomAddress(room));
    } catch (error) {
      setTrouble(explain(error), word("tryAgain"), () => this.#writePrivately(other));
    }
  }

  #askName() {
    $("rename-error").textContent = "";
    markInvalid($("rename-nickname"), false);
    $("rename-nickname").value = this.#me.nickname;
    $("rename-dialog").showModal();
    $("rename-nickname").select();
  }

  async #rename() {
    $("rename-error").textContent = "";
    try {
      const nickname = $("rename-nickname").value.trim();
      const answer = await this.#parlor.rename(this.#room, this.#me.id, nickname);
      this.#become(answer.chatter);
      $("me").textContent = this.#me.nickname;
      $("rename-dialog").close();
    } catch (error) {
      $("rename-error").textContent = explain(error);
      markField($("rename-nickname"), error);
      if (error.code === "room_expired") this.#expire();
    }
  }

  /* Whoever leaves is out, even when the server cannot be told at once. */
  async #leave() {
    this.#stream?.close();
    try {
      await this.#parlor.leave(this.#room, this.#me.id);
    } catch (error) {
      if (error.passing) tellNext(word("leftUntold"));
    }
    this.#goOut();
  }

  /* Back to the rooms, where `told` is said. */
  #goOut(told = "") {
    if (told) tellNext(told);
    this.#forget();
    this.#outbox.clear();
    this.#compose.clear();
    /* The Back button would show a room that one is no longer in. */
    globalThis.addEventListener("pageshow", () => location.reload(), { once: true });
    location.assign(roomsAddress(this.#about.namespace));
  }
}

function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
}

function showOlder(there) {
  if (!there && document.activeElement === $("older")) $("log").focus({ preventScroll: true });
  $("older").hidden = !there;
  $("beginning").hidden = there;
}

function showJump({ atEnd, unread }) {
  $("newest").hidden = atEnd;
  $("newest").textContent = word("jump", unread);
  $("newest").classList.toggle("fresh", unread > 0);
}
