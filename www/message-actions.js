/* message-actions: what can be pressed beside a message. */

import { confirmFirst } from "./confirm.js";
import { menuButton } from "./menu.js";
import { moderates } from "./moderation.js";
import { word } from "./words.js";

export class Actions {
  #me;
  #heart;
  #edit;
  #remove;

  /* `me()` is the visitor's chatter; the others are given the message. */
  constructor({ me, heart, edit, remove }) {
    this.#me = me;
    this.#heart = heart;
    this.#edit = edit;
    this.#remove = remove;
  }

  of(message) {
    const likeable = message.chatter && message.type === "message" && !this.#wrote(message);
    const menu = menuButton(word("messageMenu"), () => this.#choices(message));
    return likeable ? [this.#heart(message), menu] : [menu];
  }

  #wrote({ chatter }) {
    return chatter?.id === this.#me().id;
  }

  /* Moderators take away what others say, but put no words into their mouths. */
  #choices(message) {
    const wrote = this.#wrote(message);
    const edit = { name: "edit", words: word("edit"), act: () => this.#edit(message) };
    const remove = { name: "delete", words: word("delete"), danger: true, act: () => this.#ask(message) };
    return [...(wrote ? [edit] : []), ...(wrote || moderates(this.#me().role) ? [remove] : [])];
  }

  #ask(message) {
    const { heading, about, yes } = word("deleteMessage");
    confirmFirst({ heading, about, yes, does: () => this.#remove(message) });
  }
}
