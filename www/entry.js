/* entry: the view before a room is entered. */

import { setTitle } from "./tab-title.js";
import { madeKey } from "./create-room.js";
import { $, busy, markInvalid } from "./elements.js";
import { recall } from "./storage.js";
import { leadBack } from "./room-list.js";
import { explain, word } from "./words.js";

const NAMES = new Set(["nickname_taken", "nickname_reserved"]);

/* A name that is refused for itself gets the focus. */
export function markField(field, error) {
  const wrong = NAMES.has(error.code) || Boolean(error.fields.nickname);
  markInvalid(field, wrong);
  if (wrong) field.focus();
}

const STATES = { room_full: "full", room_expired: "expired", not_found: "missing", banned: "banned" };
const CLOSED = new Set(["expired", "missing", "banned"]);
const LOCKED = new Set(["password_required", "password_wrong"]);

export class Door {
  #parlor;
  #identity;
  #inbox;
  #room;
  #enter;

  /* `enter` is given the picture of the room that was joined. */
  constructor({ parlor, identity, inbox, room, enter }) {
    this.#parlor = parlor;
    this.#identity = identity;
    this.#inbox = inbox;
    this.#room = room;
    this.#enter = enter;
    $("join-form").addEventListener("submit", (event) => {
      event.preventDefault();
      busy($("join"), () => this.#join());
    });
  }

  /* `refused` is why one does not get in, `told` what led here, from the room called `title`. */
  async show({ refused = null, told = "", nickname = this.#identity.nickname, title = word("aRoom") } = {}) {
    $("chat-view").hidden = true;
    $("join-view").hidden = false;
    $("skip").hidden = true;
    this.#inbox.standIn($("join-view"));
    $("nickname").value = nickname;
    $("remember").checked = this.#identity.remembered;
    $("password").value = "";
    $("password-box").hidden = true;
    $("join-error").textContent = told;
    $("join-about").textContent = "";
    this.#title(title);
    this.#open("open");
    if (refused) this.#refuse(refused);
    this.#focus();
    if (!$("join-form").hidden || refused?.code === "room_expired") await this.#describe(refused);
  }

  hide() {
    $("join-view").hidden = true;
  }

  #focus() {
    if ($("join-form").hidden) $("join-title").focus();
    else $("nickname").focus();
  }

  #title(title) {
    $("join-title").firstElementChild.textContent = title;
    setTitle(title);
  }

  #open(state) {
    $("join-view").dataset.state = state;
    $("join-form").hidden = CLOSED.has(state);
  }

  /* What the room is like now, to one who was `refused`, if at all. */
  async #describe(refused) {
    try {
      const { room } = await this.#parlor.room(this.#room);
      this.#title(room.title);
      leadBack(room.namespace);
      this.#about(room, refused);
      if (room.has_password && !recall(madeKey(this.#room))) $("password-box").hidden = false;
    } catch (error) {
      this.#refuse(error, $("join-error").textContent);
    }
  }

  #about({ online, capacity, expired }, refused) {
    if (expired) {
      this.#refuse({ code: "room_expired" }, $("join-error").textContent);
      return;
    }
    const full = online >= capacity;
    this.#open(full ? "full" : "open");
    const told = full && refused?.code === "room_full";
    $("join-about").textContent = told ? "" : word(full ? "roomIsFull" : "hereNow", online);
  }

  /* `told` is more to the point than the error, if there is any. */
  #refuse(error, told = "") {
    const state = STATES[error.code];
    $("join-error").textContent = told || explain(error);
    if (LOCKED.has(error.code)) this.#askPassword();
    if (!state) return;
    $("join-about").textContent = "";
    this.#open(state);
    if (CLOSED.has(state)) this.#focus();
  }

  #askPassword() {
    $("password-box").hidden = false;
    markInvalid($("password"), true);
    $("password").focus();
    $("password").select();
  }

  /* What is left empty is not said. */
  get #entered() {
    const all = { nickname: $("nickname").value.trim(), password: $("password").value };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
  }

  async #join() {
    $("join-error").textContent = "";
    markInvalid($("nickname"), false);
    markInvalid($("password"), false);
    try {
      const picture = await this.#parlor.join(this.#room, this.#entered);
      this.#identity.keep(this.#room, picture.chatter);
      await this.#identity.remember($("remember").checked);
      this.#enter(picture);
    } catch (error) {
      if (error.code === "token_invalid") await this.#identity.end();
      this.#refuse(error);
      markField($("nickname"), error);
      if (!$("join-form").hidden) this.#describe(error);
    }
  }
}
