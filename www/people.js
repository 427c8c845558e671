/* people: who is in the room, as a list and as a number. */

import { isolate } from "./bidi.js";
import { $, announce, avatar, button, element, icon, replaceRows, whileBusy } from "./elements.js";
import { menuButton } from "./menu.js";
import { word } from "./words.js";

/**
 * @typedef {import("./types.js").Chatter} Chatter
 */

export class People {
  /** @type {Map<string, Chatter>} by id, in the order of arrival */
  #chatters = new Map();
  /** @type {Map<string, { row: HTMLElement, shows: string }>} by the chatter's id */
  #rows = new Map();
  /** @type {Chatter} */
  #me = { id: "", nickname: "", role: "member" };
  #write;
  #choices;

  /**
   * @param {object} options
   * @param {(other: Chatter) => Promise<void>} options.write opens a private conversation
   * @param {import("./moderation.js").Moderation["choices"]} options.choices
   */
  constructor({ write, choices }) {
    this.#write = write;
    this.#choices = choices;
    $("people-toggle").addEventListener("click", () => this.#openPanel());
    $("people-close").addEventListener("click", () => this.#closeToToggle());
    $("people-panel").addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#closeToToggle();
    });
    $("log").addEventListener("pointerdown", () => this.close());
  }

  /** @param {Chatter[]} list @param {number} count @param {Chatter} me */
  set(list, count, me) {
    this.#me = me;
    this.#chatters = new Map(list.map((chatter) => [chatter.id, chatter]));
    this.#render(count);
  }

  /**
   * Applies a presence event.  Returns the visitor's chatter if it has changed.
   *
   * @param {import("./types.js").Presence} presence
   * @returns {Chatter | null}
   */
  applyPresence({ joined = [], left = [], renamed = [], changed = [], count }) {
    for (const chatter of [...joined, ...renamed, ...changed]) this.#chatters.set(chatter.id, chatter);
    for (const chatter of left) this.#chatters.delete(chatter.id);
    for (const chatter of renamed) announce(word("renamed", isolate(chatter.was), isolate(chatter.nickname)));
    for (const chatter of changed) announce(this.#roleText(chatter));
    const mine = [...renamed, ...changed].findLast(({ id }) => id === this.#me.id);
    if (mine) this.#me = { ...this.#me, nickname: mine.nickname, role: mine.role };
    this.#render(count);
    return mine ? this.#me : null;
  }

  /** Closes the panel, which on a narrow window covers the messages. */
  close() {
    delete $("people-panel").dataset.open;
    $("people-toggle").setAttribute("aria-expanded", "false");
  }

  #openPanel() {
    $("people-panel").dataset.open = "";
    $("people-toggle").setAttribute("aria-expanded", "true");
    $("people-close").focus();
  }

  #closeToToggle() {
    if ($("people-panel").dataset.open === undefined) return;
    this.close();
    $("people-toggle").focus();
  }

  /** @param {number} count */
  #render(count) {
    const rows = [...this.#chatters.values()].map((chatter) => this.#cachedRow(chatter));
    const more = count - rows.length;
    this.#rows = new Map(rows.map((one) => [String(one.row.dataset.id), one]));
    replaceRows($("people"), rows.map(({ row }) => row));
    $("people-count").textContent = String(count);
    /** @type {HTMLElement} */ ($("people-toggle").querySelector("span")).textContent = String(count);
    $("people-toggle").setAttribute("aria-label", word("peopleToggle", count));
    $("people-more").hidden = more <= 0;
    $("people-more").textContent = word("peopleMore", more);
    $("me").textContent = this.#me.nickname;
  }

  /** @param {Chatter} chatter @returns {string} */
  #roleText({ id, nickname, role }) {
    return id === this.#me.id ? word("yourRole")[role] : word("theirRole")[role](isolate(nickname));
  }

  /**
   * A row stays the same element for as long as it shows the same.
   *
   * @param {Chatter} chatter
   */
  #cachedRow(chatter) {
    const { nickname, role } = chatter;
    const shows = JSON.stringify([nickname, role, this.#me.role]);
    const cached = this.#rows.get(chatter.id);
    return cached?.shows === shows ? cached : { shows, row: this.#renderRow(chatter) };
  }

  /** @param {Chatter} chatter */
  #renderRow(chatter) {
    const row = element("li", "person");
    const own = chatter.id === this.#me.id;
    const tags = [word("roles")[chatter.role], own && word("you")].filter(Boolean);
    row.dataset.testid = "person";
    row.dataset.id = chatter.id;
    row.dataset.role = chatter.role;
    row.append(avatar(chatter), element("bdi", "name", chatter.nickname));
    row.append(...tags.map((tag) => element("span", "tag", tag)));
    if (!own) row.append(this.#writeButton(chatter), ...this.#menuButtons(chatter));
    return row;
  }

  /** @param {Chatter} chatter */
  #menuButtons(chatter) {
    const choices = this.#choices(chatter, this.#me.role);
    return choices.length > 0 ? [menuButton(word("personMenu", isolate(chatter.nickname)), () => choices)] : [];
  }

  /** @param {Chatter} chatter */
  #writeButton(chatter) {
    const made = button("icon-button private", "", () => whileBusy(made, () => this.#write(chatter)));
    made.append(icon("letter"));
    made.title = word("writePrivately", isolate(chatter.nickname));
    made.setAttribute("aria-label", made.title);
    return made;
  }
}
