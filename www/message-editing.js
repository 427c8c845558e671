/*
 * message-editing: one's own message, rewritten where it stands.  Enter saves, Esc
 * leaves it as it was.
 */

import { fitText, textOf } from "./compose.js";
import { announce, busy, button, element, markInvalid } from "./elements.js";
import { sends } from "./keyboard.js";
import { explain, word } from "./words.js";

export class Editing {
  #log;
  #save;
  #done;
  #id = null;
  #form = null;
  #box = null;
  #error = null;
  #saveButton = null;

  /* `save(id, content)` is the request; `done` is called when nothing is edited any more. */
  constructor({ log, save, done }) {
    this.#log = log;
    this.#save = save;
    this.#done = done;
  }

  open({ id, content }) {
    this.#close();
    this.#id = id;
    this.#make(content);
    this.#stand();
    this.#box.setSelectionRange(content.length, content.length);
  }

  /* `fn` draws messages anew: what is being written outlives it. */
  through(fn) {
    fn();
    if (this.#id !== null && !this.#form.isConnected) this.#stand();
  }

  /* The message is another now, or gone: so is what was being written. */
  forget(id) {
    if (id === this.#id) this.cancel();
  }

  cancel() {
    if (this.#id === null) return;
    this.#close();
    this.#done();
  }

  #close() {
    this.#form?.parentElement?.classList.remove("editing");
    this.#form?.remove();
    this.#form = null;
    this.#id = null;
  }

  /* Beside the text, which is hidden by it. */
  #stand() {
    const item = this.#log.item(this.#id);
    if (!item || item.classList.contains("gone")) {
      this.cancel();
      return;
    }
    item.classList.add("editing");
    item.append(this.#form);
    fitText(this.#box);
    this.#box.focus();
  }

  #make(content) {
    this.#form = element("form", "edit");
    this.#box = element("textarea");
    this.#error = element("p", "error");
    this.#saveButton = element("button", "primary", word("save"));
    const actions = element("div", "actions");
    this.#form.dataset.testid = "edit";
    this.#form.noValidate = true;
    this.#box.value = content;
    this.#box.rows = 1;
    this.#box.dir = "auto";
    this.#box.setAttribute("aria-label", word("editLabel"));
    this.#error.setAttribute("role", "alert");
    this.#saveButton.type = "submit";
    actions.append(button("", word("cancel"), () => this.cancel()), this.#saveButton);
    this.#form.append(this.#box, this.#error, actions);
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#box.addEventListener("input", () => fitText(this.#box));
    this.#box.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.cancel();
    } else if (sends(event)) {
      event.preventDefault();
      this.#form.requestSubmit();
    }
  }

  #submit(event) {
    event.preventDefault();
    const { content, refused } = textOf(this.#box.value);
    this.#tell(content ? refused : word("editEmpty"));
    if (content && !refused) busy(this.#saveButton, () => this.#rewrite(content));
  }

  #tell(refused) {
    this.#error.textContent = refused;
    markInvalid(this.#box, Boolean(refused));
  }

  async #rewrite(content) {
    const id = this.#id;
    try {
      await this.#save(id, content);
    } catch (error) {
      if (id === this.#id) this.#tell(explain(error));
      return;
    }
    announce(word("editSaved"));
    this.forget(id);
  }
}
