/* message-actions: the buttons beside a message. */

import { askToConfirm } from "./confirm.js";
import { menuButton } from "./menu.js";
import { canModerate } from "./moderation.js";
import { word } from "./words.js";

/**
 * @typedef {import("./types.js").Message} Message
 */

export class MessageActions {
  #me;
  #likeButton;
  #edit;
  #remove;

  /**
   * @param {object} options
   * @param {() => import("./types.js").Chatter} options.me the visitor's chatter
   * @param {(message: Message) => HTMLElement} options.likeButton
   * @param {(message: Message) => void} options.edit
   * @param {(message: Message) => Promise<any>} options.remove
   */
  constructor({ me, likeButton, edit, remove }) {
    this.#me = me;
    this.#likeButton = likeButton;
    this.#edit = edit;
    this.#remove = remove;
  }

  /** @param {Message} message */
  buttonsFor(message) {
    const likeable = message.chatter && message.type === "message" && !this.#isMine(message);
    const menu = menuButton(word("messageMenu"), () => this.#choices(message));
    return likeable ? [this.#likeButton(message), menu] : [menu];
  }

  /** @param {Message} message */
  #isMine({ chatter }) {
    return chatter?.id === this.#me().id;
  }

  /**
   * Moderators delete other people's messages, but do not edit them.
   *
   * @param {Message} message
   * @returns {import("./menu.js").Choice[]}
   */
  #choices(message) {
    const mine = this.#isMine(message);
    const edit = { name: "edit", text: word("edit"), action: () => this.#edit(message) };
    const remove = { name: "delete", text: word("delete"), danger: true, action: () => this.#askDelete(message) };
    return [...(mine ? [edit] : []), ...(mine || canModerate(this.#me().role) ? [remove] : [])];
  }

  /** @param {Message} message */
  #askDelete(message) {
    const { heading, about, yes } = word("deleteMessage");
    askToConfirm({ heading, about, yes, action: () => this.#remove(message) });
  }
}
