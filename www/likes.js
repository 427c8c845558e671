/*
 * likes: the heart beside other people's messages.  Their authors are
 * notified; a second press takes the like back.
 */

import { announce, button, icon, whileBusy } from "./elements.js";
import { load, save } from "./storage.js";
import { errorText, word } from "./words.js";

/**
 * @typedef {import("./types.js").Message} Message
 */

const KEPT_MAX = 500;
const EXCERPT_CHARS = 80;

export class Likes {
  #parlor;
  #room;
  #key;
  #me;

  /**
   * @param {object} options
   * @param {import("./parlor.js").Parlor} options.parlor
   * @param {string} options.room
   * @param {string} options.key where likes are stored
   * @param {() => { id: string, nickname: string }} options.me the visitor's chatter
   */
  constructor({ parlor, room, key, me }) {
    this.#parlor = parlor;
    this.#room = room;
    this.#key = key;
    this.#me = me;
  }

  /** @param {Message} message */
  buttonFor(message) {
    const made = button("like", "", () => whileBusy(made, () => this.#toggle(made, message)));
    made.append(icon("heart"));
    made.dataset.testid = "like";
    made.setAttribute("aria-label", word("like"));
    made.setAttribute("aria-pressed", String(this.#liked.has(message.id)));
    return made;
  }

  /* By chatter: after "forget me" the next person in this tab has liked nothing yet. */
  get #ownKey() {
    return `${this.#key} ${this.#me().id}`;
  }

  /** @returns {Set<number>} ids of messages */
  get #liked() {
    return new Set(load(this.#ownKey));
  }

  /** @param {HTMLElement} heart @param {Message} message */
  async #toggle(heart, { id, chatter, content }) {
    const likes = !this.#liked.has(id);
    const author = /** @type {import("./types.js").Author} */ (chatter).id;
    const occasion = { type: "like", target: { kind: "message", id: String(id) } };
    try {
      if (likes) await this.#parlor.notify(this.#room, author, { ...occasion, ...description(this.#me().nickname, content) });
      else await this.#parlor.withdraw(this.#room, author, occasion);
    } catch (error) {
      announce(errorText(error));
      return;
    }
    const others = [...this.#liked].filter((one) => one !== id);
    save(this.#ownKey, (likes ? [...others, id] : others).slice(-KEPT_MAX));
    heart.setAttribute("aria-pressed", String(likes));
  }
}

/** @param {string} who @param {string} content */
function description(who, content) {
  const characters = [...content.replace(/\s+/g, " ").trim()];
  const what = characters.slice(0, EXCERPT_CHARS).join("") + (characters.length > EXCERPT_CHARS ? "…" : "");
  return { text: word("notifications").like(who, 0, what), payload: { who, what } };
}
