/*
 * parlor: the client of a Parlor server.  docs/CLIENT.md describes every method,
 * and lists the modules that must be copied along with this one.
 *
 *   const parlor = new Parlor({ base: "/chat/" });
 *   const { chatter, cursor } = await parlor.join("lobby", { nickname: "kim" });
 *   const stream = parlor.stream(["lobby"], { cursor });
 *   stream.on("message", ({ message }) => console.log(message.content));
 *   stream.open();
 *   await parlor.send("lobby", "hello");
 *
 * All methods but stream() are async.  They return the server's JSON, or null
 * where there is none, and throw a ParlorError.  The token of a Parlor stands
 * for a person: the first room that is created or joined without one brings
 * it, and every later request is the same person's.  A stream carries the rooms
 * it was given and the person's own queue (unread, read, notification,
 * notifications); stream([]) is the queue alone.
 *
 * The idea to keep in mind: a snapshot (the answer of join) has a cursor, and
 * a stream opened at that cursor brings every later fact once and in order,
 * whatever happens to the connection.  So nothing here removes doubles: the
 * server repeats nothing and leaves nothing out.  When it cannot keep that
 * promise it says so (sync.recovered is false) and the page must load a new
 * snapshot: see the `reset` event and the `snapshot` option of stream().
 */

import { KINDS } from "./event-kinds.js";
import { ParlorError, newClientId, newId, sendRequest } from "./request.js";
import { Stream } from "./stream.js";

export { KINDS, ParlorError, Stream, newClientId, newId };

/**
 * @typedef {import("./types.js").Chatter} Chatter
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").MyRoom} MyRoom
 * @typedef {import("./types.js").Notification} Notification
 * @typedef {import("./types.js").NotificationFields} NotificationFields
 * @typedef {import("./types.js").Occasion} Occasion
 * @typedef {import("./types.js").Role} Role
 * @typedef {import("./types.js").Room} Room
 * @typedef {import("./types.js").RoomFields} RoomFields
 * @typedef {import("./types.js").Snapshot} Snapshot
 * @typedef {{ id: string, subject: string | null, created_at: string }} User
 * @typedef {{ key?: string }} Repeatable
 */

const segment = encodeURIComponent;

/** @param {string} room */
const roomPath = (room) => `rooms/${segment(room)}`;
/** @param {string} room @param {string} chatter */
const chatterPath = (room, chatter) => `${roomPath(room)}/chatters/${segment(chatter)}`;
/** @param {string} room @param {number} message */
const messagePath = (room, message) => `${roomPath(room)}/messages/${segment(message)}`;

/**
 * A query string of the fields that are not undefined.
 *
 * @param {Record<string, unknown>} fields
 */
function queryOf(fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

/** @param {Occasion} occasion */
const occasionQuery = ({ type, target, actor }) =>
  queryOf({ type, target_kind: target.kind, target_id: target.id, actor });

/**
 * The REST API.  Nothing is requested before a method is called.  A request
 * that is repeated with the same `key` (newId() makes one) within a day is
 * done once.
 */
export class Parlor {
  /**
   * @param {object} [options]
   * @param {string} [options.base] the folder that has `api/v1/` and `events` in it
   * @param {string} [options.api] the API, where it lives elsewhere
   * @param {string} [options.events] the event stream, where it lives elsewhere
   * @param {string | null} [options.token]
   */
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
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (this.token) headers["X-Parlor-Token"] = this.token;
    return headers;
  }

  /**
   * A request that relies on the cookie alone needs a header that only a
   * script of the site can send.
   *
   * @param {string} method
   * @param {string} path
   * @param {object} [options]
   * @param {any} [options.body]
   * @param {string} [options.key]
   * @param {AbortSignal} [options.signal]
   * @param {boolean} [options.keepalive]
   * @returns {Promise<any>}
   */
  async request(method, path, { body, key, signal, keepalive } = {}) {
    const headers = this.headers();
    if (key !== undefined) headers["Idempotency-Key"] = key;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    else if (!this.token && method !== "GET") headers["X-Parlor-Request"] = "1";
    const answer = await sendRequest(new URL(path, this.api), {
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

  /**
   * @param {RoomFields} [fields]
   * @param {Repeatable} [options]
   * @returns {Promise<{ room: Room, token?: string }>}
   */
  createRoom(fields = {}, { key } = {}) {
    return this.request("POST", "rooms", { body: fields, key });
  }

  /**
   * The listed rooms.
   *
   * @param {{ namespace?: string, limit?: number, after?: string }} [options]
   * @returns {Promise<{ rooms: Room[], has_more: boolean }>}
   */
  rooms({ namespace = "main", limit = 50, after } = {}) {
    return this.request("GET", `rooms${queryOf({ namespace, limit, after })}`);
  }

  /** @param {string} room @returns {Promise<{ room: Room }>} */
  room(room) {
    return this.request("GET", roomPath(room));
  }

  /** @param {string} room @param {RoomFields} fields @returns {Promise<{ room: Room }>} */
  changeRoom(room, fields) {
    return this.request("PATCH", roomPath(room), { body: fields });
  }

  /** @param {string} room @returns {Promise<null>} */
  deleteRoom(room) {
    return this.request("DELETE", roomPath(room));
  }

  /* ---- who is in a room ---- */

  /**
   * @param {string} room
   * @param {{ nickname?: string, password?: string }} [fields]
   * @param {Repeatable} [options]
   * @returns {Promise<Snapshot>}
   */
  join(room, fields = {}, { key } = {}) {
    return this.request("POST", `${roomPath(room)}/chatters`, { body: fields, key });
  }

  /**
   * @param {string} room
   * @param {{ limit?: number, after?: string }} [options]
   * @returns {Promise<{ chatters: Chatter[], has_more: boolean }>}
   */
  chatters(room, { limit = 200, after } = {}) {
    return this.request("GET", `${roomPath(room)}/chatters${queryOf({ limit, after })}`);
  }

  /** @param {string} room @param {string} chatter @param {string} nickname @returns {Promise<{ chatter: Chatter }>} */
  rename(room, chatter, nickname) {
    return this.request("PATCH", chatterPath(room, chatter), { body: { nickname } });
  }

  /** @param {string} room @param {string} chatter @param {Role} role @returns {Promise<{ chatter: Chatter }>} */
  setRole(room, chatter, role) {
    return this.request("PATCH", chatterPath(room, chatter), { body: { role } });
  }

  /** @param {string} room @param {string} chatter @returns {Promise<null>} */
  leave(room, chatter) {
    return this.request("DELETE", chatterPath(room, chatter));
  }

  /**
   * With `banSeconds` they are banned as well; 0: permanently.
   *
   * @param {string} room
   * @param {string} chatter
   * @param {{ banSeconds?: number }} [options]
   * @returns {Promise<null>}
   */
  remove(room, chatter, { banSeconds } = {}) {
    return this.request("DELETE", chatterPath(room, chatter) + queryOf({ ban_seconds: banSeconds }));
  }

  /**
   * @param {string} room
   * @param {{ limit?: number, after?: string }} [options]
   * @returns {Promise<{ bans: import("./types.js").Ban[], has_more: boolean }>}
   */
  bans(room, { limit = 200, after } = {}) {
    return this.request("GET", `${roomPath(room)}/bans${queryOf({ limit, after })}`);
  }

  /** @param {string} room @param {string} chatter @returns {Promise<null>} */
  liftBan(room, chatter) {
    return this.request("DELETE", `${roomPath(room)}/bans/${segment(chatter)}`);
  }

  /** @param {string} room @returns {Promise<any>} */
  announce(room) {
    return this.request("POST", `${roomPath(room)}/chatters/announce`);
  }

  /* ---- messages ---- */

  /**
   * A message that is sent again with the same `clientId` is not posted twice.
   *
   * @param {string} room
   * @param {string} content
   * @param {{ clientId?: string, type?: "message" | "alert" }} [options]
   * @returns {Promise<{ message: Message }>}
   */
  send(room, content, { clientId = newClientId(), type = "message" } = {}) {
    /** @type {Record<string, string>} */
    const body = { content, client_id: clientId };
    if (type !== "message") body.type = type;
    return this.request("POST", `${roomPath(room)}/messages`, { body });
  }

  /** @param {string} room @param {string} content @param {{ clientId?: string }} [options] */
  sendAlert(room, content, { clientId } = {}) {
    return this.send(room, content, { clientId, type: "alert" });
  }

  /**
   * A page of history, oldest first.
   *
   * @param {string} room
   * @param {{ before?: number, after?: number, limit?: number }} [options]
   * @returns {Promise<{ messages: Message[], has_more: boolean, cursor: string }>}
   */
  messages(room, { before, after, limit = 50 } = {}) {
    return this.request("GET", `${roomPath(room)}/messages${queryOf({ limit, before, after })}`);
  }

  /** @param {string} room @param {number} message @param {string} content @returns {Promise<{ message: Message }>} */
  editMessage(room, message, content) {
    return this.request("PATCH", messagePath(room, message), { body: { content } });
  }

  /** @param {string} room @param {number} message @returns {Promise<any>} */
  deleteMessage(room, message) {
    return this.request("DELETE", messagePath(room, message));
  }

  /**
   * The person has read the room up to `message`.  The marker only moves forward.
   *
   * @param {string} room
   * @param {number} message
   * @param {{ keepalive?: boolean }} [options] keepalive: the request outlives the page
   * @returns {Promise<any>}
   */
  markRead(room, message, { keepalive } = {}) {
    return this.request("PUT", `${roomPath(room)}/read`, { body: { message }, keepalive });
  }

  /* ---- the person ---- */

  /** @returns {Promise<{ user: User, unread: { messages: number, notifications: number }, cursor: string }>} */
  me() {
    return this.request("GET", "me");
  }

  /**
   * The rooms that the person is a member of.
   *
   * @param {{ limit?: number, before?: string }} [options]
   * @returns {Promise<{ rooms: MyRoom[], next: string | null, unread: number, cursor: string }>}
   */
  myRooms({ limit = 50, before } = {}) {
    return this.request("GET", `me/rooms${queryOf({ limit, before })}`);
  }

  /**
   * Keeps the token in a cookie that no script can read.
   *
   * @param {{ remember?: boolean }} [options]
   * @returns {Promise<any>}
   */
  openSession({ remember = false } = {}) {
    return this.request("POST", "session", { body: { remember } });
  }

  /** Deletes the cookie; the token stays valid. @returns {Promise<any>} */
  closeSession() {
    return this.request("DELETE", "session");
  }

  /** Leaves every room and revokes the token. */
  async forgetMe() {
    await this.request("DELETE", "me");
    this.token = null;
  }

  /** @param {{ signal?: AbortSignal }} [options] @returns {Promise<{ ticket: string }>} */
  ticket({ signal } = {}) {
    return this.request("POST", "tickets", { signal });
  }

  /**
   * Tells that the connection `conn` has ended.  The request outlives the page.
   *
   * @param {string} conn
   * @returns {Promise<any>}
   */
  goodbye(conn) {
    return this.request("DELETE", `me/connections/${segment(conn)}`, { keepalive: true });
  }

  /* ---- notifications ---- */

  /**
   * Newest first; `before` is the changed_at of the last one that is known.
   *
   * @param {{ limit?: number, before?: string, unread?: boolean }} [options]
   * @returns {Promise<{ notifications: Notification[], unread: number, has_more: boolean }>}
   */
  notifications({ limit = 50, before, unread = false } = {}) {
    const query = queryOf({ limit, before, unread: unread ? 1 : undefined });
    return this.request("GET", `me/notifications${query}`);
  }

  /** @returns {Promise<any>} */
  countNotifications() {
    return this.request("GET", "me/notifications/unread_count");
  }

  /** @param {number} id @returns {Promise<any>} */
  readNotification(id) {
    return this.request("PATCH", `me/notifications/${id}`, { body: { read: true } });
  }

  /**
   * Marks all as read, or those no newer than `upto`, a changed_at.
   *
   * @param {{ upto?: string }} [options]
   * @returns {Promise<any>}
   */
  readNotifications({ upto } = {}) {
    return this.request("POST", "me/notifications/read_all", { body: { upto } });
  }

  /** @param {number} id @returns {Promise<any>} */
  deleteNotification(id) {
    return this.request("DELETE", `me/notifications/${id}`);
  }

  /**
   * Notifies a chatter.
   *
   * @param {string} room
   * @param {string} chatter
   * @param {NotificationFields} fields
   * @param {Repeatable} [options]
   * @returns {Promise<any>}
   */
  notify(room, chatter, fields, { key } = {}) {
    return this.request("POST", `${chatterPath(room, chatter)}/notifications`, { body: fields, key });
  }

  /**
   * Withdraws a notification that has not been read.
   *
   * @param {string} room
   * @param {string} chatter
   * @param {Occasion} occasion
   * @returns {Promise<any>}
   */
  withdraw(room, chatter, occasion) {
    return this.request("DELETE", `${chatterPath(room, chatter)}/notifications${occasionQuery(occasion)}`);
  }

  /**
   * The same for a service with a key, which names the `actor` in the fields.
   *
   * @param {string} user an id as me() returns it, or "sub:" and the site's name for them
   * @param {NotificationFields} fields
   * @param {Repeatable} [options]
   * @returns {Promise<any>}
   */
  notifyUser(user, fields, { key } = {}) {
    return this.request("POST", `users/${segment(user)}/notifications`, { body: fields, key });
  }

  /**
   * Without an actor in the occasion: by any actor.
   *
   * @param {string} user
   * @param {Occasion} occasion
   * @returns {Promise<any>}
   */
  withdrawFromUser(user, occasion) {
    return this.request("DELETE", `users/${segment(user)}/notifications${occasionQuery(occasion)}`);
  }

  /* ---- events ---- */

  /**
   * A stream of any number of rooms, and of the person's own queue.
   *
   * @param {string[]} rooms
   * @param {import("./stream.js").StreamOptions} [options]
   */
  stream(rooms, options = {}) {
    return new Stream(this, rooms, options);
  }
}
