/* door: the view before a room is entered. */

import { setTitle } from "./attention.js";
import { $, markInvalid } from "./elements.js";
import { explain, word } from "./words.js";

/* A name that is refused for itself gets the focus. */
export function markField(field, error) {
  const wrong = error.code === "nickname_taken" || Boolean(error.fields.nickname);
  markInvalid(field, wrong);
  if (wrong) field.focus();
}

const STATES = { room_full: "full", room_expired: "expired", not_found: "missing" };

export class Door {
  #parlor;
  #room;
  #enter;

  /* `enter` is given the picture of the room that was joined. */
  constructor({ parlor, room, enter }) {
    this.#parlor = parlor;
    this.#room = room;
    this.#enter = enter;
    $("join-form").addEventListener("submit", (event) => this.#join(event));
  }

  /* `refused` is why one does not get in, `told` what led here. */
  async show({ refused = null, told = "", nickname } = {}) {
    $("chat-view").hidden = true;
    $("join-view").hidden = false;
    $("skip").hidden = true;
    if (nickname !== undefined) $("nickname").value = nickname;
    $("join-error").textContent = told;
    this.#title(this.#room);
    this.#open(true);
    if (refused) this.#refuse(refused);
    this.#focus();
    await this.#describe(refused);
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

  #open(open) {
    $("join-view").dataset.state = "open";
    $("join-form").hidden = !open;
  }

  async #describe(refused) {
    if (refused?.code === "not_found") return;
    try {
      const { room } = await this.#parlor.room(this.#room);
      this.#title(room.title);
      this.#about(room);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #about({ online, capacity, expires_at: ends }) {
    const over = ends && new Date(ends) <= Date.now();
    const full = !over && online >= capacity;
    if (full) $("join-view").dataset.state = "full";
    const told = full && $("join-error").textContent !== "";
    $("join-about").textContent = over || told ? "" : word(full ? "roomIsFull" : "hereNow", online);
  }

  #refuse(error) {
    const state = STATES[error.code];
    $("join-error").textContent = explain(error);
    if (state) $("join-view").dataset.state = state;
    if (state) $("join-about").textContent = "";
    if (state !== "expired" && state !== "missing") return;
    $("join-form").hidden = true;
    this.#focus();
  }

  async #join(event) {
    event.preventDefault();
    const nickname = $("nickname").value.trim();
    $("join-error").textContent = "";
    markInvalid($("nickname"), false);
    $("join").disabled = true;
    try {
      this.#enter(await this.#parlor.join(this.#room, nickname ? { nickname } : {}));
    } catch (error) {
      if (error.code === "token_invalid") this.#parlor.token = null;
      this.#refuse(error);
      markField($("nickname"), error);
    } finally {
      $("join").disabled = false;
    }
  }
}
