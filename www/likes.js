/*
 * likes: the heart on what others say.  Their authors are notified; a second
 * press takes it back.
 */

import { announce, busy, button, icon } from "./elements.js";
import { keep, recall } from "./memory.js";
import { explain, word } from "./words.js";

const KEPT_MAX = 500;
const EXCERPT_CHARS = 80;

export class Likes {
  #parlor;
  #room;
  #key;
  #liked;

  constructor({ parlor, room, key }) {
    this.#parlor = parlor;
    this.#room = room;
    this.#key = key;
    this.#liked = new Set(recall(key));
  }

  /* The heart of `message`, which the chatter called `nickname` may give. */
  heart(message, nickname) {
    const made = button("like", "", () => busy(made, () => this.#press(made, message, nickname())));
    made.append(icon("heart"));
    made.dataset.testid = "like";
    made.setAttribute("aria-label", word("like"));
    made.setAttribute("aria-pressed", this.#liked.has(message.id));
    return made;
  }

  async #press(heart, { id, chatter, content }, who) {
    const likes = !this.#liked.has(id);
    const act = { type: "like", target: { kind: "message", id: String(id) } };
    try {
      if (likes) await this.#parlor.notify(this.#room, chatter.id, { ...act, ...described(who, content) });
      else await this.#parlor.withdraw(this.#room, chatter.id, act);
    } catch (error) {
      announce(explain(error));
      return;
    }
    if (likes) this.#liked.add(id);
    else this.#liked.delete(id);
    keep(this.#key, [...this.#liked].slice(-KEPT_MAX));
    heart.setAttribute("aria-pressed", likes);
  }
}

function described(who, content) {
  const signs = [...content.replace(/\s+/g, " ").trim()];
  const what = signs.slice(0, EXCERPT_CHARS).join("") + (signs.length > EXCERPT_CHARS ? "…" : "");
  return { text: word("notifications").like(who, 0, what), payload: { who, what } };
}
