/* entry: the view in which a visitor joins a room. */

import { creatorKey } from "./create-room.js";
import { $, markInvalid, whileBusy } from "./elements.js";
import { linkToRooms } from "./room-list.js";
import { load } from "./storage.js";
import { setTitle } from "./tab-title.js";
import { errorText, word } from "./words.js";

/**
 * Why the view is shown.
 *
 * @typedef {object} EntryReason
 * @property {{ code: string } | null} [error] why the visitor is not in the room
 * @property {string} [text] what happened, if that says more than the error
 * @property {string} [nickname]
 * @property {string} [title] of the room
 */

const NICKNAME_CODES = new Set(["nickname_taken", "nickname_reserved"]);

/**
 * Marks and focuses the field of a nickname if the error is about the nickname.
 *
 * @param {HTMLInputElement} field
 * @param {import("./parlor.js").ParlorError} error
 */
export function markNicknameError(field, error) {
  const wrong = NICKNAME_CODES.has(error.code) || Boolean(error.fields.nickname);
  markInvalid(field, wrong);
  if (wrong) field.focus();
}

/** @type {Record<string, string>} */
const STATES = { room_full: "full", room_expired: "expired", not_found: "missing", banned: "banned" };
const CLOSED_STATES = new Set(["expired", "missing", "banned"]);
const PASSWORD_CODES = new Set(["password_required", "password_wrong"]);

export class Entry {
  #parlor;
  #identity;
  #inbox;
  #room;
  #joined;

  /**
   * @param {object} options
   * @param {import("./parlor.js").Parlor} options.parlor
   * @param {import("./identity.js").Identity} options.identity
   * @param {import("./inbox.js").Inbox} options.inbox
   * @param {string} options.room
   * @param {(snapshot: import("./types.js").Snapshot) => void} options.joined
   */
  constructor({ parlor, identity, inbox, room, joined }) {
    this.#parlor = parlor;
    this.#identity = identity;
    this.#inbox = inbox;
    this.#room = room;
    this.#joined = joined;
    $("join-form").addEventListener("submit", (event) => {
      event.preventDefault();
      whileBusy($("join"), () => this.#join());
    });
  }

  /** @param {EntryReason} [reason] */
  async show({ error = null, text = "", nickname = this.#identity.nickname, title = word("aRoom") } = {}) {
    $("chat-view").hidden = true;
    $("join-view").hidden = false;
    $("skip").hidden = true;
    this.#inbox.attachBell($("join-view"));
    $("nickname").value = nickname;
    $("remember").checked = this.#identity.remembered;
    $("password").value = "";
    $("password-box").hidden = true;
    $("join-error").textContent = text;
    $("join-about").textContent = "";
    this.#showTitle(title);
    this.#setState("open");
    if (error) this.#showError(error);
    this.#focus();
    if (!$("join-form").hidden || error?.code === "room_expired") await this.#describeRoom(error);
  }

  hide() {
    $("join-view").hidden = true;
  }

  #focus() {
    if ($("join-form").hidden) $("join-title").focus();
    else $("nickname").focus();
  }

  /** @param {string} title */
  #showTitle(title) {
    /** @type {Element} */ ($("join-title").firstElementChild).textContent = title;
    setTitle(title);
  }

  /** @param {string} state */
  #setState(state) {
    $("join-view").dataset.state = state;
    $("join-form").hidden = CLOSED_STATES.has(state);
  }

  /**
   * Shows the present state of the room.
   *
   * @param {{ code: string } | null} error of the last attempt to join
   */
  async #describeRoom(error) {
    try {
      const { room } = await this.#parlor.room(this.#room);
      this.#showTitle(room.title);
      linkToRooms(room.namespace);
      this.#showRoom(room, error);
      if (room.has_password && !load(creatorKey(this.#room))) $("password-box").hidden = false;
    } catch (problem) {
      this.#showError(problem, $("join-error").textContent ?? "");
    }
  }

  /** @param {import("./types.js").Room} room @param {{ code: string } | null} error */
  #showRoom({ online, capacity, expired }, error) {
    if (expired) {
      this.#showError({ code: "room_expired" }, $("join-error").textContent ?? "");
      return;
    }
    const full = online >= capacity;
    this.#setState(full ? "full" : "open");
    const saidSo = full && error?.code === "room_full";
    $("join-about").textContent = saidSo ? "" : word(full ? "roomIsFull" : "hereNow", online);
  }

  /**
   * @param {{ code: string }} error
   * @param {string} text to show in place of the error's, if it is not empty
   */
  #showError(error, text = "") {
    const state = STATES[error.code];
    $("join-error").textContent = text || errorText(error);
    if (PASSWORD_CODES.has(error.code)) this.#askPassword();
    if (!state) return;
    $("join-about").textContent = "";
    this.#setState(state);
    if (CLOSED_STATES.has(state)) this.#focus();
  }

  #askPassword() {
    $("password-box").hidden = false;
    markInvalid($("password"), true);
    $("password").focus();
    $("password").select();
  }

  /* Empty fields are left out. */
  get #fields() {
    const all = { nickname: $("nickname").value.trim(), password: $("password").value };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
  }

  async #join() {
    $("join-error").textContent = "";
    markInvalid($("nickname"), false);
    markInvalid($("password"), false);
    try {
      const snapshot = await this.#parlor.join(this.#room, this.#fields);
      this.#identity.setChatter(this.#room, snapshot.chatter);
      await this.#identity.setRemembered($("remember").checked);
      this.#joined(snapshot);
    } catch (error) {
      if (error.code === "token_invalid") await this.#identity.reset();
      this.#showError(error);
      markNicknameError($("nickname"), error);
      if (!$("join-form").hidden) this.#describeRoom(error);
    }
  }
}
