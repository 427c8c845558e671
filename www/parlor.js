/*
 * parlor: the client of a Parlor server.  It imports backoff.js, request.js and
 * origin.js; with pulse.js polls go on in a hidden tab, with slots.js (see
 * there) a page can be open in many tabs.
 *
 *   const parlor = new Parlor({ base: "/chat/" });
 *   const { chatter, cursor } = await parlor.join("lobby", { nickname: "kim" });
 *   const stream = parlor.stream(["lobby"], { cursor });
 *   stream.on("message", ({ message }) => console.log(message.content));
 *   stream.open();
 *   await parlor.send("lobby", "hello");
 *
 * Methods, all async but stream; docs/CLIENT.md says what each does:
 *   rooms        createRoom rooms room changeRoom deleteRoom
 *   people       join chatters rename setRole leave remove bans liftBan announce
 *   messages     send sendAlert messages editMessage deleteMessage markRead
 *   oneself      me myRooms openSession closeSession forgetMe ticket goodbye
 *   the inbox    notifications countNotifications readNotification
 *                readNotifications deleteNotification notify withdraw
 *                notifyUser withdrawFromUser
 * They answer with the server's JSON, or null where there is none, and throw
 * a ParlorError.  The one token of a Parlor is the person: what is made without
 * one (a room, a chatter) brings it along, and what comes later is the same
 * person's.  A stream carries the rooms it was given and the person's own
 * queue (unread, read, notification, notifications); stream([]) is the queue alone.
 *
 * The idea to keep in mind: a picture (what join answers) has a cursor, and
 * a stream opened at that cursor brings every later fact once and in order,
 * whatever happens to the connection.  So nothing here removes doubles: the
 * server repeats nothing and leaves nothing out.  When it cannot keep that
 * promise it says so (sync.recovered is false) and the picture must be drawn
 * anew: that is the `reset` event and the `snapshot` option.
 */

import { Backoff } from "./backoff.js";
import { ParlorError, ask, follow, newId } from "./request.js";

export { ParlorError, newId };

/*
 * Every kind of event there is.  A fact comes from the log, has an id and
 * moves the cursor; a control frame is about the connection and does neither.
 */
export const KINDS = Object.freeze({
  sync: "control",
  hb: "control",
  bye: "control",
  message: "fact",
  alert: "fact",
  edited: "fact",
  deleted: "fact",
  presence: "fact",
  chatters: "fact",
  room: "fact",
  notification: "fact",
  notifications: "fact",
  signed_out: "fact",
  goodbye: "fact",
  unread: "fact",
  read: "fact",
});

/* Milliseconds, but for WAIT_S, which the server counts in seconds. */
const SYNC_MS = 8_000; /* an open stream without a sync is being buffered */
const HB_MS = 15_000; /* until the server says */
const RETRY_MS = 2_000; /* until the server says */
const WAIT_S = 25;
const WAIT_MARGIN_MS = 10_000;
const QUICK_MS = 1_000; /* a long poll answered sooner did not wait */
const PATIENCE_MS = 60_000; /* on a lesser transport before trying the best */
const PATIENCE_MAX_MS = 1_800_000;
const TICK_MS = 2_000; /* how often the clock is looked at */
const SLEPT_MS = 8_000; /* between two looks: the machine slept */
const STRIKES = 2; /* for a transport that has worked before; others get one */

/* From the best to the one that works wherever the API works. */
const TRANSPORTS = Object.freeze([
  { name: "sse", door: "events", as: "sse" },
  { name: "longpoll", door: "events", as: "json", wait: WAIT_S },
  { name: "poll", door: "api", as: "json", wait: 0 },
]);
const LAST = TRANSPORTS.length - 1;

/* After these the server will not have this connection back. */
const FINAL_BYES = new Set([
  "left",
  "removed",
  "room_gone",
  "room_expired",
  "replaced",
  "signed_out",
  "token_expired",
]);
const FINAL_CODES = new Set([
  "token_required",
  "token_invalid",
  "not_in_room",
  "forbidden",
  "banned",
  "not_found",
  "room_expired",
]);

/* Calls fn about once a second, in a hidden tab too; returns what ends that. */
function startPulse(fn) {
  let worker = null;
  try {
    worker = new Worker(new URL("pulse.js", import.meta.url));
    worker.onmessage = fn;
  } catch {
    /* No workers here, or not from there: a hidden tab polls when it may. */
  }
  return () => worker?.terminate();
}

const seg = encodeURIComponent;

const chatterPath = (room, chatter) => `rooms/${seg(room)}/chatters/${seg(chatter)}`;
const messagePath = (room, message) => `rooms/${seg(room)}/messages/${seg(message)}`;

/* What is undefined is left out. */
function queryOf(fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}

const occasionQuery = ({ type, target, actor }) =>
  queryOf({ type, target_kind: target.kind, target_id: target.id, actor });

/*
 * The REST API.  `base` is the address of the folder that has `api/v1/` and
 * `events` in it; either can be given on its own when they live elsewhere.
 * Nothing is asked before a method is called.  docs/CLIENT.md lists the methods.
 *
 * Where there is `key` (newId() makes one), a request that is repeated with it
 * within a day is done once.
 */
export class Parlor {
  constructor({ base = "./", api = "api/v1/", events = "events", token = null } = {}) {
    const root = new URL(base, globalThis.document?.baseURI);
    this.api = new URL(api, root);
    this.events = new URL(events, root);
    this.token = token;
  }

  /*
   * The token goes in a header of our own: Apache keeps Authorization from
   * CGI programs unless told otherwise, and a site may need it for itself.
   */
  headers() {
    const headers = { Accept: "application/json" };
    if (this.token) headers["X-Parlor-Token"] = this.token;
    return headers;
  }

  /* Who is known by a cookie alone must show that a script of the site asks. */
  async request(method, path, { body, key, signal, keepalive } = {}) {
    const headers = this.headers();
    if (key !== undefined) headers["Idempotency-Key"] = key;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    else if (!this.token && method !== "GET") headers["X-Parlor-Request"] = "1";
    const answer = await ask(new URL(path, this.api), {
      method,
      headers,
      signals: signal ? [signal] : [],
      keepalive,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (answer?.token) this.token = answer.token;
    return answer;
  }

  /* ---- rooms ---- */

  /*
   * Fields, all optional: title, namespace, id, capacity, grace_ms, expires_at
   * (null: never), listed, password (null: none), notices ("all", "quiet" or
   * "off"), slow_ms.
   */
  createRoom(fields = {}, { key } = {}) {
    return this.request("POST", "rooms", { body: fields, key });
  }

  rooms({ namespace = "main", limit = 50, after } = {}) {
    return this.request("GET", `rooms${queryOf({ namespace, limit, after })}`);
  }

  room(room) {
    return this.request("GET", `rooms/${seg(room)}`);
  }

  /* The fields of createRoom, those that change; namespace and id stay. */
  changeRoom(room, fields) {
    return this.request("PATCH", `rooms/${seg(room)}`, { body: fields });
  }

  deleteRoom(room) {
    return this.request("DELETE", `rooms/${seg(room)}`);
  }

  /* ---- who is in a room ---- */

  /*
   * Fields, all optional: nickname, password.  The answer is one consistent
   * picture, and the cursor that goes with it.
   */
  join(room, fields = {}, { key } = {}) {
    return this.request("POST", `rooms/${seg(room)}/chatters`, { body: fields, key });
  }

  chatters(room, { limit = 200, after } = {}) {
    return this.request("GET", `rooms/${seg(room)}/chatters${queryOf({ limit, after })}`);
  }

  rename(room, chatter, nickname) {
    return this.request("PATCH", chatterPath(room, chatter), { body: { nickname } });
  }

  /* `role` is "moderator" or "member"; the owner gives it. */
  setRole(room, chatter, role) {
    return this.request("PATCH", chatterPath(room, chatter), { body: { role } });
  }

  leave(room, chatter) {
    return this.request("DELETE", chatterPath(room, chatter));
  }

  /* May come back, unless banned as well: for `banSeconds`, or 0, for good. */
  remove(room, chatter, { banSeconds } = {}) {
    return this.request("DELETE", chatterPath(room, chatter) + queryOf({ ban_seconds: banSeconds }));
  }

  bans(room, { limit = 200, after } = {}) {
    return this.request("GET", `rooms/${seg(room)}/bans${queryOf({ limit, after })}`);
  }

  liftBan(room, chatter) {
    return this.request("DELETE", `rooms/${seg(room)}/bans/${seg(chatter)}`);
  }

  announce(room) {
    return this.request("POST", `rooms/${seg(room)}/chatters/announce`);
  }

  /* ---- messages ---- */

  /* With the same client_id as often as one likes: it is said once. */
  send(room, content, { clientId = newId(), type = "message" } = {}) {
    const body = { content, client_id: clientId };
    if (type !== "message") body.type = type;
    return this.request("POST", `rooms/${seg(room)}/messages`, { body });
  }

  /* From the owner or a moderator, to everybody. */
  sendAlert(room, content, { clientId } = {}) {
    return this.send(room, content, { clientId, type: "alert" });
  }

  messages(room, { before, after, limit = 50 } = {}) {
    return this.request("GET", `rooms/${seg(room)}/messages${queryOf({ limit, before, after })}`);
  }

  editMessage(room, message, content) {
    return this.request("PATCH", messagePath(room, message), { body: { content } });
  }

  deleteMessage(room, message) {
    return this.request("DELETE", messagePath(room, message));
  }

  /* One has seen the room up to `message`; it only goes forward. */
  markRead(room, message, { keepalive } = {}) {
    return this.request("PUT", `rooms/${seg(room)}/read`, { body: { message }, keepalive });
  }

  /* ---- oneself ---- */

  me() {
    return this.request("GET", "me");
  }

  /* The rooms that one is a member of, with last message and unread count. */
  myRooms({ limit = 50, before } = {}) {
    return this.request("GET", `me/rooms${queryOf({ limit, before })}`);
  }

  /* Keeps the token in a cookie that no script can read. */
  openSession({ remember = false } = {}) {
    return this.request("POST", "session", { body: { remember } });
  }

  /* Takes the cookie away; the token stays good. */
  closeSession() {
    return this.request("DELETE", "session");
  }

  /* Leaves every room and makes the token good for nothing. */
  async forgetMe() {
    await this.request("DELETE", "me");
    this.token = null;
  }

  ticket({ signal } = {}) {
    return this.request("POST", "tickets", { signal });
  }

  /* The connection `conn` has ended.  The request outlives the page. */
  goodbye(conn) {
    return this.request("DELETE", `me/connections/${seg(conn)}`, { keepalive: true });
  }

  /* ---- notifications ---- */

  /* Newest first; `before` is the changed_at of the last one that is known. */
  notifications({ limit = 50, before, unread = false } = {}) {
    const query = queryOf({ limit, before, unread: unread ? 1 : undefined });
    return this.request("GET", `me/notifications${query}`);
  }

  countNotifications() {
    return this.request("GET", "me/notifications/unread_count");
  }

  readNotification(id) {
    return this.request("PATCH", `me/notifications/${id}`, { body: { read: true } });
  }

  /* All, or those no newer than `upto`, the changed_at of the newest seen. */
  readNotifications({ upto } = {}) {
    return this.request("POST", "me/notifications/read_all", { body: { upto } });
  }

  deleteNotification(id) {
    return this.request("DELETE", `me/notifications/${id}`);
  }

  /* Fields: type, text, and if there is more to say target {kind, id}, parent_id, payload. */
  notify(room, chatter, fields, { key } = {}) {
    return this.request("POST", `${chatterPath(room, chatter)}/notifications`, { body: fields, key });
  }

  /* Takes one's act back, as long as it has not been read. */
  withdraw(room, chatter, occasion) {
    return this.request("DELETE", `${chatterPath(room, chatter)}/notifications${occasionQuery(occasion)}`);
  }

  /*
   * The same for a service with a key, which says in the fields who the `actor`
   * was.  `user` is an id as me() tells it, or "sub:" and what the site calls them.
   */
  notifyUser(user, fields, { key } = {}) {
    return this.request("POST", `users/${seg(user)}/notifications`, { body: fields, key });
  }

  /* Without an actor: whoever did it. */
  withdrawFromUser(user, occasion) {
    return this.request("DELETE", `users/${seg(user)}/notifications${occasionQuery(occasion)}`);
  }

  /* ---- what happens ---- */

  /* Any number of rooms, or none: one's own queue comes along. */
  stream(rooms, options = {}) {
    return new Stream(this, rooms, options);
  }
}

/*
 * One connection for any number of rooms.  It connects when open() is called
 * and not before; close() ends it.  In between it looks after itself: it
 * reconnects where it was, falls back from a stream to long polls to instant
 * polls where a host lets nothing better through, and tries the best again
 * from time to time.
 *
 * on(name, fn): every name in KINDS, called with the event's data, and
 *   state  {state, transport, crowded, reason, error, retryInMs}   after each
 *          change; crowded: polls, because other tabs hold the connections
 *   reset  the sync that could not be recovered
 *
 * options: cursor, where to begin (without it: now);
 *          snapshot, async, draws the picture anew and returns its cursor;
 *          slot, a Slot (slots.js), for pages that are open in many tabs.
 */
export class Stream extends EventTarget {
  #client;
  #rooms;
  #snapshot;
  #slot;
  #cursor;
  #state = "closed";
  #conn = newId(); /* so that a reconnect takes the dead connection's place */
  #wanted = null; /* from open() to close() */
  #run = null; /* one life of the loop: ends at pagehide as well */
  #turn = new AbortController(); /* one attempt: ends when the slot changes */
  #crowded = false; /* no slot: polls for now, whatever the level */
  #level = 0;
  #strikes = 0;
  #worked = new Set();
  #backoff = new Backoff();
  #patience = PATIENCE_MS;
  #hbMs = HB_MS;
  #retryMs = RETRY_MS;
  #synced = false;
  #openedAt = 0;
  #lived = false; /* the stream has brought a heartbeat */
  #flowed = false; /* something came after the sync */
  #told = null; /* the transport of the last state event */
  #probing = false;
  #look = () => {}; /* ends what is overdue by the clock, or a wait */
  #tick = () => {}; /* ends a wait that is overdue */
  #cut = () => {}; /* ends the connection, whatever it does */

  constructor(client, rooms, { cursor = null, snapshot = null, slot = null } = {}) {
    super();
    this.#client = client;
    this.#rooms = [...rooms];
    this.#cursor = cursor;
    this.#snapshot = snapshot;
    this.#slot = slot;
    if (slot) slot.changed = () => this.#turn.abort();
    this.#level = this.#best;
  }

  /* connecting, open, reconnecting or closed */
  get state() {
    return this.#state;
  }

  get transport() {
    return TRANSPORTS[this.#at].name;
  }

  get cursor() {
    return this.#cursor;
  }

  on(name, fn) {
    this.addEventListener(name, (event) => fn(event.detail));
    return this;
  }

  open() {
    if (this.#wanted) return;
    this.#wanted = new AbortController();
    this.#watchPage(this.#wanted.signal);
    this.#become("connecting");
    this.#start();
  }

  close() {
    if (this.#wanted) this.#sayGoodbye();
    this.#finish({ reason: "closed" });
  }

  /* Ends the wait before the next attempt. */
  retryNow() {
    this.#look();
  }

  get #best() {
    return typeof EventSource === "undefined" ? 1 : 0;
  }

  get #at() {
    return this.#crowded ? LAST : this.#level;
  }

  #start() {
    this.#run = new AbortController();
    this.#live(this.#run.signal);
  }

  #rest() {
    this.#run.abort();
    this.#slot?.release();
  }

  /*
   * Nobody waits for the end of a connection to be noticed.  The name is not
   * used again: what is said of it might come after its next beginning.
   */
  #sayGoodbye() {
    this.#client.goodbye(this.#conn).catch(() => {}); /* then it is found dead */
    this.#conn = newId();
  }

  #finish(why) {
    if (!this.#wanted) return;
    this.#wanted.abort();
    this.#wanted = null;
    this.#rest();
    this.#become("closed", why);
  }

  /*
   * A page kept for the Back button keeps its streams open and unread, so
   * the stream ends with pagehide and begins anew when the page is shown.
   */
  #watchPage(signal) {
    const listen = (target, name, fn) =>
      target?.addEventListener?.(name, fn, { signal });
    listen(globalThis, "pagehide", () => {
      this.#rest();
      this.#sayGoodbye();
      this.#become("reconnecting");
    });
    listen(globalThis, "pageshow", (event) => {
      if (event.persisted) this.#start();
    });
    listen(globalThis, "online", () => this.#comeBack());
    listen(globalThis, "offline", () => this.#cut());
    listen(globalThis.document, "resume", () => this.#look());
    listen(globalThis.document, "visibilitychange", () => this.#look());
    this.#watchClock(signal);
  }

  /* The network is there again: an attempt that began without it is begun anew. */
  #comeBack() {
    this.#backoff.forget();
    this.#look();
    if (!this.#synced) this.#turn.abort();
  }

  /* Timers stand still while the machine sleeps.  Look at once where the clock does not. */
  #watchClock(signal) {
    let last = performance.now();
    const ticking = setInterval(() => {
      const slept = performance.now() - last > SLEPT_MS;
      last = performance.now();
      if (slept) this.#look();
    }, TICK_MS);
    signal.addEventListener("abort", () => clearInterval(ticking));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #become(state, why = {}) {
    const { transport } = this;
    const same = this.#state === state && this.#told === transport;
    if (same && state !== "reconnecting") return;
    this.#state = state;
    this.#told = transport;
    this.#tell("state", { state, transport, crowded: this.#crowded, ...why });
  }

  async #live(signal) {
    while (!signal.aborted) {
      await this.#takeSlot();
      if (signal.aborted) return;
      const turn = new AbortController();
      this.#turn = turn;
      const unfollow = follow(turn, [signal]);
      const end = await this.#attempt(turn.signal);
      unfollow();
      if (signal.aborted) return;
      if (turn.signal.aborted) continue;
      const why = { reason: end.bye?.reason, error: end.error };
      if (FINAL_BYES.has(why.reason) || FINAL_CODES.has(why.error?.code)) {
        this.#finish(why);
        return;
      }
      if (end.upgrade) {
        this.#level = this.#best;
        continue;
      }
      /* The API answered in the poller's place: what is new, and no stream. */
      if (why.reason === "poll") {
        this.#level = LAST;
        this.#become("open");
        continue;
      }
      const retryInMs = this.#delay(end);
      if (retryInMs === 0) continue;
      this.#become("reconnecting", { ...why, retryInMs });
      await this.#pause(retryInMs, signal);
    }
  }

  /* Streams and long polls hold a connection; what is answered at once does not. */
  async #takeSlot() {
    this.#crowded = this.#level < LAST && this.#slot !== null && !(await this.#slot.take());
    if (this.#level === LAST) this.#slot?.release();
  }

  /*
   * Lives through one connection and returns how it ended: {bye}, {error},
   * {reset}, {upgrade}, {mute} (nothing came this way though the API is
   * there; silent: nothing but the sync) or {} (it broke).
   */
  async #attempt(signal) {
    this.#synced = false;
    this.#flowed = false;
    let end = {};
    try {
      end = await this.#serve(TRANSPORTS[this.#at], signal);
    } catch (error) {
      end = { error, mute: true };
    }
    if (signal.aborted) return end;
    if (this.#synced && !end.silent) {
      this.#worked.add(this.#at);
      this.#strikes = 0;
      end.mute = false;
      if (end.reset) this.#backoff.restarted();
      else this.#backoff.ended(this.#age(), this.#hbMs);
    } else if (end.mute && this.#at < LAST) {
      end = await this.#probe(signal);
    }
    if (!end.reset) return end;
    return this.#redraw(end.reset);
  }

  #serve(transport, signal) {
    return transport.as === "sse"
      ? this.#serveStream(transport, signal)
      : this.#servePulsedPolls(transport, signal);
  }

  async #servePulsedPolls(transport, signal) {
    const stop = startPulse(() => this.#tick());
    try {
      return await this.#servePolls(transport, signal);
    } finally {
      stop();
    }
  }

  /*
   * EventSource hides why it failed, and a proxy's error page says little.
   * The plainest way to ask does say why, or else brings what is new.
   */
  async #probe(signal) {
    this.#probing = true;
    try {
      const { end } = await this.#poll(TRANSPORTS[LAST], signal);
      return end ?? { mute: true };
    } catch (error) {
      return { error };
    } finally {
      this.#probing = false;
    }
  }

  /* Decides how long to wait, and on what to try next. */
  #delay(end) {
    if (end.mute && this.#at < LAST) {
      this.#strikes += 1;
      if (this.#strikes >= (this.#worked.has(this.#level) ? STRIKES : 1)) {
        this.#level += 1;
        this.#strikes = 0;
        this.#become("open"); /* the probe got through, by another way */
        return 0;
      }
    }
    if (end.reset && this.#backoff.takeFirst()) return 0;
    return this.#backoff.next(end.bye?.retry_ms ?? end.error?.retryMs ?? this.#retryMs);
  }

  /* How long the stream was open.  One that brought a heartbeat has lived; a poll that was answered has done all it can. */
  #age() {
    if (this.#lived) return Infinity;
    return TRANSPORTS[this.#at].as === "sse" ? performance.now() - this.#openedAt : Infinity;
  }

  #pause(ms, signal) {
    return new Promise((resolve) => {
      const due = performance.now() + ms;
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done);
      this.#look = done;
      this.#tick = () => {
        if (performance.now() >= due) done();
      };
      this.#cut = () => {};
    });
  }

  #url(transport, extra) {
    const url = new URL(
      transport.door === "api" ? new URL("events", this.#client.api) : this.#client.events,
    );
    const query = { rooms: this.#rooms.join(","), as: transport.as, conn: this.#conn, ...extra };
    if (this.#cursor !== null) query.cursor = this.#cursor;
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  async #serveStream(transport, signal) {
    let ticket;
    try {
      ({ ticket } = await this.#client.ticket({ signal }));
    } catch (error) {
      return { error };
    }
    if (signal.aborted) return {};
    return this.#listen(this.#url(transport, { ticket }), signal);
  }

  /*
   * EventSource's own reconnecting is not used: it neither backs off nor
   * jitters, repeats the spent ticket, and gives up for good at a 503.
   */
  #listen(url, signal) {
    return new Promise((resolve) => {
      const source = new EventSource(url);
      let watchdog = 0;
      const end = (how) => {
        clearTimeout(watchdog);
        signal.removeEventListener("abort", stop);
        source.close();
        resolve(how);
      };
      const broken = () => end({ mute: !this.#synced });
      const overdue = () => end({ mute: !this.#flowed, silent: this.#synced && !this.#flowed });
      const stop = () => end({});
      const heard = (ms) => {
        const due = performance.now() + ms;
        clearTimeout(watchdog);
        watchdog = setTimeout(overdue, ms);
        this.#look = () => {
          if (performance.now() > due) overdue();
        };
      };
      for (const kind of Object.keys(KINDS)) {
        source.addEventListener(kind, (event) => {
          const how = this.#take(kind, JSON.parse(event.data), event.lastEventId);
          if (how) end(how);
          else heard(this.#hbMs * 1.5 + RETRY_MS);
        });
      }
      source.onerror = broken;
      signal.addEventListener("abort", stop);
      heard(SYNC_MS);
      this.#cut = () => end({ error: new ParlorError({ code: "offline" }) });
    });
  }

  /* A long poll in a quiet room answers late: one that does not wait goes first. */
  async #servePolls(transport, signal) {
    const until = this.#crowded ? Infinity : this.#upgradeAt();
    while (performance.now() < until && !signal.aborted) {
      if (transport.wait > 0 && this.#state !== "open") {
        const { end } = await this.#poll({ ...transport, wait: 0 }, signal);
        if (end) return end;
        this.#synced = false; /* says nothing about whether waiting works */
      }
      const asked = performance.now();
      const { end, more, count } = await this.#poll(transport, signal);
      if (end) return end;
      if (more) continue;
      const waited = transport.wait > 0 && (count > 0 || performance.now() - asked > QUICK_MS);
      if (!waited) await this.#pause(this.#retryMs, signal);
    }
    return { upgrade: true };
  }

  #upgradeAt() {
    const at = performance.now() + this.#patience;
    this.#patience = Math.min(this.#patience * 2, PATIENCE_MAX_MS);
    return at;
  }

  async #poll(transport, signal) {
    const { wait } = transport;
    const answer = await this.#askWatched(this.#url(transport, { wait }), {
      headers: this.#client.headers(),
      signal,
      ms: wait * 1000 + WAIT_MARGIN_MS,
    });
    if (signal.aborted) return {};
    if (!answer?.sync) throw new ParlorError({ status: 200, code: "not_parlor" });
    let end = this.#take("sync", answer.sync, null);
    for (const { id, kind, data } of end ? [] : answer.events) {
      if (Object.hasOwn(KINDS, kind)) end ??= this.#take(kind, data, id);
    }
    if (!end) this.#cursor = answer.cursor;
    return { end, more: answer.more, count: answer.events.length };
  }

  /* A request that is given up when the network or the machine's sleep says so. */
  async #askWatched(url, { signal, ms, ...options }) {
    const given = new AbortController();
    const due = performance.now() + ms;
    this.#cut = () => given.abort();
    this.#look = () => {
      if (performance.now() > due) given.abort();
    };
    return ask(url, { ...options, ms, signals: [signal, given.signal] });
  }

  /* Hands on one event; returns how the connection ends, if by this it does. */
  #take(kind, data, id) {
    if (KINDS[kind] === "fact") this.#cursor = id;
    if (kind !== "sync") this.#flowed = true;
    if (kind === "hb") this.#lived = true;
    this.#tell(kind, data);
    if (kind === "sync") return this.#sync(data);
    return kind === "bye" ? { bye: data } : undefined;
  }

  #sync(sync) {
    this.#synced = true;
    this.#lived = false;
    this.#openedAt = performance.now();
    this.#hbMs = sync.hb_ms ?? this.#hbMs;
    this.#retryMs = sync.retry_ms ?? this.#retryMs;
    if (!sync.recovered) return { reset: sync };
    this.#cursor ??= sync.from;
    if (!this.#probing) this.#become("open");
    return undefined;
  }

  /* The stream begins again at the new picture's cursor: no gap, no double. */
  async #redraw(sync) {
    this.#tell("reset", sync);
    try {
      this.#cursor = this.#snapshot ? await this.#snapshot() : sync.head;
      return { reset: sync };
    } catch (error) {
      return { error };
    }
  }
}
