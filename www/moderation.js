/*
 * moderation: what the owner and the moderators of a room may do to the others
 * in it.  Each action has to be confirmed.
 */

import { isolate } from "./bidi.js";
import { askToConfirm } from "./confirm.js";
import { word } from "./words.js";

/**
 * @typedef {import("./types.js").Chatter} Chatter
 * @typedef {import("./types.js").Role} Role
 * @typedef {import("./menu.js").Choice} Choice
 */

const BAN_S = 600;
const PERMANENTLY = 0;

/* Moderators have power over members, the owner over moderators as well. */
const POWER = { member: 0, moderator: 1, owner: 2 };

/** @param {Role} role */
export const canModerate = (role) => POWER[role] > 0;

export class Moderation {
  #parlor;
  #room;

  /** @param {{ parlor: import("./parlor.js").Parlor, room: string }} options */
  constructor({ parlor, room }) {
    this.#parlor = parlor;
    this.#room = room;
  }

  /**
   * What a visitor of this role may do to `other`, for a menu.
   *
   * @param {Chatter} other
   * @param {Role} role
   * @returns {Choice[]}
   */
  choices(other, role) {
    if (POWER[role] <= POWER[other.role]) return [];
    return [...(role === "owner" ? [this.#roleChoice(other)] : []), ...this.#removeChoices(other)];
  }

  /** @param {Chatter} other */
  #roleChoice(other) {
    const name = other.role === "member" ? "promote" : "demote";
    const role = other.role === "member" ? "moderator" : "member";
    return this.#choice(name, other, () => this.#parlor.setRole(this.#room, other.id, role));
  }

  /** @param {Chatter} other */
  #removeChoices(other) {
    /** @param {{ banSeconds?: number }} [options] */
    const remove = (options) => () => this.#parlor.remove(this.#room, other.id, options);
    return [
      this.#choice("remove", other, remove()),
      this.#choice("banAWhile", other, remove({ banSeconds: BAN_S })),
      this.#choice("ban", other, remove({ banSeconds: PERMANENTLY })),
    ];
  }

  /** @param {string} name @param {Chatter} other @param {() => Promise<any>} action @returns {Choice} */
  #choice(name, { nickname }, action) {
    const { choice, heading, about } = word("moderation")[name];
    const danger = name !== "promote" && name !== "demote";
    const question = { heading: heading(isolate(nickname)), about, yes: choice, danger, action };
    return { name, text: choice, danger, action: () => askToConfirm(question) };
  }
}
