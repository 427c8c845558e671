/*
 * room-settings: the dialogs by which a room is changed, deleted, and opened again
 * to those who were banned.
 */

import { confirmFirst } from "./confirm.js";
import { $, announce, busy, button, element, markInvalid, refill } from "./elements.js";
import { isolated } from "./bidi.js";
import { RoomOptions } from "./room-options.js";
import { untilWords, wallNow } from "./times.js";
import { explain, word } from "./words.js";

export class Settings {
  #parlor;
  #room;
  #options = new RoomOptions($("settings-form"), $("settings-options"), $("settings-error"));
  #changed;
  #gone;

  /* `changed(room)` is told how it is now, `gone()` that it was deleted. */
  constructor({ parlor, room, changed, gone }) {
    this.#parlor = parlor;
    this.#room = room;
    this.#changed = changed;
    this.#gone = gone;
    const on = (id, name, fn) => $(id).addEventListener(name, fn);
    on("settings-form", "submit", (event) => {
      event.preventDefault();
      busy($("settings-save"), () => this.#save());
    });
    on("settings-cancel", "click", () => $("settings-dialog").close());
    on("delete-room", "click", () => this.#askDelete());
    on("banned", "click", () => busy($("banned"), () => this.#showBans()));
    on("bans-close", "click", () => $("bans-dialog").close());
  }

  open(room) {
    $("settings-error").textContent = "";
    $("settings-title").value = room.title;
    const over = room.expires_at && new Date(room.expires_at) <= wallNow();
    this.#options.show(over ? { ...room, expires_at: null } : room);
    markInvalid($("settings-title"), false);
    $("settings-dialog").showModal();
    $("settings-dialog").scrollTop = 0;
  }

  async #save() {
    const title = $("settings-title").value.trim();
    $("settings-error").textContent = "";
    markInvalid($("settings-title"), false);
    const options = this.#options.read();
    if (!options) return;
    try {
      const { room } = await this.#parlor.changeRoom(this.#room, { ...options, title });
      $("settings-dialog").close();
      announce(word("settingsSaved"));
      this.#changed(room);
    } catch (error) {
      this.#options.refuse(error, explain(error), $("settings-title"));
      markInvalid($("settings-title"), Boolean(error.fields.title));
    }
  }

  #askDelete() {
    const { heading, about, yes } = word("deleteRoom");
    confirmFirst({ heading, about, yes, does: () => this.#delete() });
  }

  async #delete() {
    await this.#parlor.deleteRoom(this.#room);
    $("settings-dialog").close();
    this.#gone();
  }

  async #showBans() {
    $("bans").replaceChildren();
    $("bans-error").textContent = "";
    $("bans-state").textContent = "";
    $("bans-dialog").showModal();
    await this.#drawBans();
  }

  async #drawBans() {
    try {
      const { bans } = await this.#parlor.bans(this.#room);
      refill($("bans"), bans.map((ban) => this.#banRow(ban)));
      $("bans-state").textContent = bans.length === 0 ? word("bansNone") : "";
    } catch (error) {
      $("bans-error").textContent = explain(error);
    }
  }

  #banRow({ chatter, until }) {
    const row = element("li", "ban");
    const about = element("span", "quiet", until ? word("bannedUntil", untilWords(new Date(until))) : word("bannedForGood"));
    const lift = button("", word("liftBan"), () => busy(lift, () => this.#lift(chatter)));
    lift.setAttribute("aria-label", word("liftBanOf", isolated(chatter.nickname)));
    row.dataset.testid = "ban";
    row.dataset.id = chatter.id;
    row.append(element("bdi", "name", chatter.nickname), about, lift);
    return row;
  }

  async #lift({ id, nickname }) {
    $("bans-error").textContent = "";
    try {
      await this.#parlor.liftBan(this.#room, id);
    } catch (error) {
      $("bans-error").textContent = explain(error);
      return;
    }
    announce(word("banLifted", isolated(nickname)));
    await this.#drawBans();
    if (document.activeElement === document.body) $("bans-close").focus();
  }
}
