/* people: who is here, as a list and as a number. */

import { $, announce, avatar, busy, button, element, icon, refill } from "./elements.js";
import { isolated } from "./bidi.js";
import { menuButton } from "./menu.js";
import { word } from "./words.js";

export class People {
  #byId = new Map(); /* chatter id -> chatter, in the order of arrival */
  #rows = new Map(); /* chatter id -> its row, and what it shows */
  #me = null;
  #write;
  #choices;

  /*
   * `write(chatter)` opens a conversation with somebody; `choices(chatter,
   * role)` are what one with that role may do with them.
   */
  constructor({ write, choices }) {
    this.#write = write;
    this.#choices = choices;
    $("people-toggle").addEventListener("click", () => this.#open());
    $("people-close").addEventListener("click", () => this.#shut());
    $("people-panel").addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#shut();
    });
    $("log").addEventListener("pointerdown", () => this.close());
  }

  set(list, count, me) {
    this.#me = me;
    this.#byId = new Map(list.map((chatter) => [chatter.id, chatter]));
    this.#show(count);
  }

  /* What a presence event says; returns the visitor as changed by it, if so. */
  move({ joined = [], left = [], renamed = [], changed = [], count }) {
    for (const chatter of [...joined, ...renamed, ...changed]) this.#byId.set(chatter.id, chatter);
    for (const chatter of left) this.#byId.delete(chatter.id);
    for (const chatter of renamed) announce(word("renamed", isolated(chatter.was), isolated(chatter.nickname)));
    for (const chatter of changed) announce(this.#roleWords(chatter));
    const mine = [...renamed, ...changed].findLast(({ id }) => id === this.#me.id);
    if (mine) this.#me = { ...this.#me, nickname: mine.nickname, role: mine.role };
    this.#show(count);
    return mine && this.#me;
  }

  close() {
    delete $("people-panel").dataset.open;
    $("people-toggle").setAttribute("aria-expanded", "false");
  }

  #open() {
    $("people-panel").dataset.open = "";
    $("people-toggle").setAttribute("aria-expanded", "true");
    $("people-close").focus();
  }

  #shut() {
    if ($("people-panel").dataset.open === undefined) return;
    this.close();
    $("people-toggle").focus();
  }

  #show(count) {
    const rows = [...this.#byId.values()].map((chatter) => this.#keptRow(chatter));
    const more = count - rows.length;
    this.#rows = new Map(rows.map((one) => [one.row.dataset.id, one]));
    refill($("people"), rows.map(({ row }) => row));
    $("people-count").textContent = count;
    $("people-toggle").querySelector("span").textContent = count;
    $("people-toggle").setAttribute("aria-label", word("peopleToggle", count));
    $("people-more").hidden = more <= 0;
    $("people-more").textContent = word("peopleMore", more);
    $("me").textContent = this.#me.nickname;
  }

  #roleWords({ id, nickname, role }) {
    return id === this.#me.id ? word("yourRole")[role] : word("theirRole")[role](isolated(nickname));
  }

  /* A row stays the same element for as long as it says the same. */
  #keptRow(chatter) {
    const { nickname, role } = chatter;
    const shows = JSON.stringify([nickname, role, this.#me.role]);
    const kept = this.#rows.get(chatter.id);
    return kept?.shows === shows ? kept : { shows, row: this.#row(chatter) };
  }

  #row(chatter) {
    const row = element("li", "person");
    const own = chatter.id === this.#me.id;
    const tags = [word("roles")[chatter.role], own && word("you")].filter(Boolean);
    row.dataset.testid = "person";
    row.dataset.id = chatter.id;
    row.dataset.role = chatter.role;
    row.append(avatar(chatter), element("bdi", "name", chatter.nickname));
    row.append(...tags.map((tag) => element("span", "tag", tag)));
    if (!own) row.append(this.#letter(chatter), ...this.#menu(chatter));
    return row;
  }

  #menu(chatter) {
    const choices = this.#choices(chatter, this.#me.role);
    return choices.length > 0 ? [menuButton(word("personMenu", isolated(chatter.nickname)), () => choices)] : [];
  }

  #letter(chatter) {
    const made = button("icon-button private", "", () => busy(made, () => this.#write(chatter)));
    made.append(icon("letter"));
    made.title = word("writePrivately", isolated(chatter.nickname));
    made.setAttribute("aria-label", made.title);
    return made;
  }
}
