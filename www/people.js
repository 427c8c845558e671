/* people: who is here, as a list and as a number. */

import { $, announce, avatar, busy, button, element, icon } from "./elements.js";
import { word } from "./words.js";

export class People {
  #byId = new Map(); /* chatter id -> chatter, in the order of arrival */
  #me = null;
  #write;

  /* `write(chatter)` opens a conversation with somebody. */
  constructor({ write }) {
    this.#write = write;
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

  /* What a presence event says; returns the visitor as renamed by it, if so. */
  move({ joined = [], left = [], renamed = [], count }) {
    for (const chatter of [...joined, ...renamed]) this.#byId.set(chatter.id, chatter);
    for (const chatter of left) this.#byId.delete(chatter.id);
    for (const chatter of renamed) announce(word("renamed", chatter.was, chatter.nickname));
    const mine = renamed.find(({ id }) => id === this.#me.id);
    if (mine) this.#me = { ...this.#me, nickname: mine.nickname };
    this.#show(count);
    return mine;
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
    const rows = [...this.#byId.values()].map((chatter) => this.#row(chatter));
    const more = count - rows.length;
    $("people").replaceChildren(...rows);
    $("people-count").textContent = count;
    $("people-toggle").querySelector("span").textContent = count;
    $("people-toggle").setAttribute("aria-label", word("peopleToggle", count));
    $("people-more").hidden = more <= 0;
    $("people-more").textContent = word("peopleMore", more);
    $("me").textContent = this.#me.nickname;
  }

  #row(chatter) {
    const row = element("li", "person");
    row.dataset.testid = "person";
    row.dataset.id = chatter.id;
    row.append(avatar(chatter), element("bdi", "name", chatter.nickname));
    const tag = chatter.id === this.#me.id ? word("you") : word("roles")[chatter.role];
    if (tag) row.append(element("span", "tag", tag));
    if (chatter.id !== this.#me.id) row.append(this.#letter(chatter));
    return row;
  }

  #letter(chatter) {
    const made = button("icon-button private", "", () => busy(made, () => this.#write(chatter)));
    made.append(icon("letter"));
    made.setAttribute("aria-label", word("writePrivately", chatter.nickname));
    made.title = word("writePrivately", chatter.nickname);
    return made;
  }
}
