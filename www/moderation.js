/*
 * moderation: what the owner and the moderators of a room may do with those
 * who are in it, each asked for once more before it is done.
 */

import { confirmFirst } from "./confirm.js";
import { isolated } from "./bidi.js";
import { word } from "./words.js";

const BAN_S = 600;
const FOR_GOOD = 0;

/* Moderators have power over members, the owner over them as well. */
const POWER = { member: 0, moderator: 1, owner: 2 };

export const moderates = (role) => POWER[role] > 0;

export class Moderation {
  #parlor;
  #room;

  constructor({ parlor, room }) {
    this.#parlor = parlor;
    this.#room = room;
  }

  /* What one with `role` may do with `other`, for a menu. */
  choices(other, role) {
    if (POWER[role] <= POWER[other.role]) return [];
    return [...(role === "owner" ? [this.#roleChoice(other)] : []), ...this.#exitChoices(other)];
  }

  #roleChoice(other) {
    const name = other.role === "member" ? "promote" : "demote";
    const role = other.role === "member" ? "moderator" : "member";
    return this.#choice(name, other, () => this.#parlor.setRole(this.#room, other.id, role));
  }

  #exitChoices(other) {
    const remove = (options) => () => this.#parlor.remove(this.#room, other.id, options);
    return [
      this.#choice("remove", other, remove()),
      this.#choice("banAWhile", other, remove({ banSeconds: BAN_S })),
      this.#choice("ban", other, remove({ banSeconds: FOR_GOOD })),
    ];
  }

  #choice(name, { nickname }, does) {
    const { choice, heading, about } = word("moderation")[name];
    const danger = name !== "promote" && name !== "demote";
    const asked = { heading: heading(isolated(nickname)), about, yes: choice, danger, does };
    return { name, words: choice, danger, act: () => confirmFirst(asked) };
  }
}
