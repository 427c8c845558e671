/* room-settings: the dialogs in which a room is changed or deleted and bans are lifted. */

import { isolate } from "./bidi.js";
import { askToConfirm } from "./confirm.js";
import { $, announce, button, element, markInvalid, replaceRows, whileBusy } from "./elements.js";
import { RoomOptions } from "./room-options.js";
import { relativeTime, wallNow } from "./times.js";
import { errorText, word } from "./words.js";

/**
 * @typedef {import("./types.js").Room} Room
 * @typedef {import("./types.js").Ban} Ban
 */

export class RoomSettings {
  #parlor;
  #room;
  #options = new RoomOptions($("settings-form"), $("settings-options"), $("settings-error"));
  #changed;
  #deleted;

  /**
   * @param {object} options
   * @param {import("./parlor.js").Parlor} options.parlor
   * @param {string} options.room
   * @param {(room: Room) => void} options.changed
   * @param {() => void} options.deleted
   */
  constructor({ parlor, room, changed, deleted }) {
    this.#parlor = parlor;
    this.#room = room;
    this.#changed = changed;
    this.#deleted = deleted;
    /** @param {string} id @param {string} name @param {(event: Event) => void} fn */
    const on = (id, name, fn) => $(id).addEventListener(name, fn);
    on("settings-form", "submit", (event) => {
      event.preventDefault();
      whileBusy($("settings-save"), () => this.#save());
    });
    on("settings-cancel", "click", () => $("settings-dialog").close());
    on("delete-room", "click", () => this.#askDelete());
    on("banned", "click", () => whileBusy($("banned"), () => this.#showBans()));
    on("bans-close", "click", () => $("bans-dialog").close());
  }

  /** @param {Room} room */
  open(room) {
    $("settings-error").textContent = "";
    $("settings-title").value = room.title;
    const expired = room.expires_at && new Date(room.expires_at) <= wallNow();
    this.#options.fill(expired ? { ...room, expires_at: null } : room);
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
      this.#options.showError(error, errorText(error), $("settings-title"));
      markInvalid($("settings-title"), Boolean(error.fields.title));
    }
  }

  #askDelete() {
    const { heading, about, yes } = word("deleteRoom");
    askToConfirm({ heading, about, yes, action: () => this.#delete() });
  }

  async #delete() {
    await this.#parlor.deleteRoom(this.#room);
    $("settings-dialog").close();
    this.#deleted();
  }

  async #showBans() {
    $("bans").replaceChildren();
    $("bans-error").textContent = "";
    $("bans-state").textContent = "";
    $("bans-dialog").showModal();
    await this.#loadBans();
  }

  async #loadBans() {
    try {
      const bans = await this.#allBans();
      replaceRows($("bans"), bans.map((ban) => this.#renderBan(ban)));
      $("bans-state").textContent = bans.length === 0 ? word("bansNone") : "";
    } catch (error) {
      $("bans-error").textContent = errorText(error);
    }
  }

  async #allBans() {
    const all = [];
    let page;
    do {
      page = await this.#parlor.bans(this.#room, { after: all.at(-1)?.chatter.id });
      all.push(...page.bans);
    } while (page.has_more);
    return all;
  }

  /** @param {Ban} ban */
  #renderBan({ chatter, until }) {
    const row = element("li", "ban");
    const end = until ? word("bannedUntil", relativeTime(new Date(until))) : word("bannedPermanently");
    const lift = button("", word("liftBan"), () => whileBusy(lift, () => this.#liftBan(chatter)));
    lift.setAttribute("aria-label", word("liftBanOf", isolate(chatter.nickname)));
    row.dataset.testid = "ban";
    row.dataset.id = chatter.id;
    row.append(element("bdi", "name", chatter.nickname), element("span", "quiet", end), lift);
    return row;
  }

  /** @param {import("./types.js").Author} chatter */
  async #liftBan({ id, nickname }) {
    $("bans-error").textContent = "";
    try {
      await this.#parlor.liftBan(this.#room, id);
    } catch (error) {
      $("bans-error").textContent = errorText(error);
      return;
    }
    announce(word("banLifted", isolate(nickname)));
    await this.#loadBans();
    if (document.activeElement === document.body) $("bans-close").focus();
  }
}
