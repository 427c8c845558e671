/*
 * likes: the heart on what others say.  Their authors are notified; a second
 * press takes it back.
 */

import { announce, busy, button, icon } from "./elements.js";
import { keep, recall } from "./storage.js";
import { explain, word } from "./words.js";

const KEPT_MAX = 500;
const EXCERPT_CHARS = 80;

export class Likes {
  #parlor;
  #room;
  #key;
  #me;

  /* `me()` is the visitor's chatter; `key` is under what is kept for it. */
  constructor({ parlor, room, key, me }) {
    this.#parlor = parlor;
    this.#room = room;
    this.#key = key;
    this.#me = me;
  }

  heart(message) {
    const made = button("like", "", () => busy(made, () => this.#press(made, message)));
    made.append(icon("heart"));
    made.dataset.testid = "like";
    made.setAttribute("aria-label", word("like"));
    made.setAttribute("aria-pressed", this.#liked.has(message.id));
    return made;
  }

  /* Whoever comes after one has been forgotten has liked nothing yet. */
  get #own() {
    return `${this.#key} ${this.#me().id}`;
  }

  get #liked() {
    return new Set(recall(this.#own));
  }

  async #press(heart, { id, chatter, content }) {
    const likes = !this.#liked.has(id);
    const act = { type: "like", target: { kind: "message", id: String(id) } };
    try {
      if (likes) await this.#parlor.notify(this.#room, chatter.id, { ...act, ...described(this.#me().nickname, content) });
      else await this.#parlor.withdraw(this.#room, chatter.id, act);
    } catch (error) {
      announce(explain(error));
      return;
    }
    const others = [...this.#liked].filter((one) => one !== id);
    keep(this.#own, (likes ? [...others, id] : others).slice(-KEPT_MAX));
    heart.setAttribute("aria-pressed", likes);
  }
}

function described(who, content) {
  const signs = [...content.replace(/\s+/g, " ").trim()];
  const what = signs.slice(0, EXCERPT_CHARS).join("") + (signs.length > EXCERPT_CHARS ? "…" : "");
  return { text: word("notifications").like(who, 0, what), payload: { who, what } };
}
