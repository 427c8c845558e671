/*
 * message-editing: the visitor's own message, edited where it stands.  Enter
 * saves, Esc cancels.
 */

import { checkText, fitHeight } from "./compose.js";
import { announce, button, element, markInvalid, whileBusy } from "./elements.js";
import { isSendKey } from "./keyboard.js";
import { errorText, word } from "./words.js";

/**
 * @typedef {object} Editor
 * @property {number} id of the message
 * @property {HTMLFormElement} form
 * @property {HTMLTextAreaElement} box
 * @property {HTMLElement} error
 * @property {HTMLElement} saveButton
 */

export class MessageEditing {
  #log;
  #save;
  #done;
  /** @type {Editor | null} */
  #editor = null;

  /**
   * @param {object} options
   * @param {import("./message-log.js").MessageLog} options.log
   * @param {(id: number, content: string) => Promise<void>} options.save
   * @param {() => void} options.done called when no message is being edited any more
   */
  constructor({ log, save, done }) {
    this.#log = log;
    this.#save = save;
    this.#done = done;
  }

  /** @param {{ id: number, content: string }} message */
  open({ id, content }) {
    this.#close();
    const editor = this.#build(id, content);
    this.#editor = editor;
    this.#attach(editor);
    editor.box.setSelectionRange(content.length, content.length);
  }

  /**
   * Keeps the editor through `fn`, which renders messages anew.
   *
   * @param {() => void} fn
   */
  keepThrough(fn) {
    fn();
    if (this.#editor && !this.#editor.form.isConnected) this.#attach(this.#editor);
  }

  cancel() {
    if (!this.#editor) return;
    this.#close();
    this.#done();
  }

  #close() {
    this.#editor?.form.parentElement?.classList.remove("editing");
    this.#editor?.form.remove();
    this.#editor = null;
  }

  /**
   * Puts the form into the item of the message, whose text it hides.
   *
   * @param {Editor} editor
   */
  #attach(editor) {
    const item = this.#log.item(editor.id);
    if (!item || item.classList.contains("gone")) {
      this.cancel();
      return;
    }
    item.classList.add("editing");
    item.append(editor.form);
    fitHeight(editor.box);
    editor.box.focus();
  }

  /** @param {number} id @param {string} content @returns {Editor} */
  #build(id, content) {
    const form = element("form", "edit");
    const box = element("textarea");
    const error = element("p", "error");
    const saveButton = element("button", "primary", word("save"));
    const actions = element("div", "actions");
    const editor = { id, form, box, error, saveButton };
    form.dataset.testid = "edit";
    form.noValidate = true;
    box.value = content;
    box.rows = 1;
    box.dir = "auto";
    box.setAttribute("aria-label", word("editLabel"));
    error.setAttribute("role", "alert");
    saveButton.type = "submit";
    actions.append(button("", word("cancel"), () => this.cancel()), saveButton);
    form.append(box, error, actions);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(editor);
    });
    box.addEventListener("input", () => fitHeight(box));
    box.addEventListener("keydown", (event) => this.#handleKey(event, form));
    return editor;
  }

  /** @param {KeyboardEvent} event @param {HTMLFormElement} form */
  #handleKey(event, form) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.cancel();
    } else if (isSendKey(event)) {
      event.preventDefault();
      form.requestSubmit();
    }
  }

  /** @param {Editor} editor */
  #submit(editor) {
    const { content, error } = checkText(editor.box.value);
    showError(editor, content ? error : word("editEmpty"));
    if (content && !error) whileBusy(editor.saveButton, () => this.#saveContent(editor, content));
  }

  /** @param {Editor} editor @param {string} content */
  async #saveContent(editor, content) {
    try {
      await this.#save(editor.id, content);
    } catch (error) {
      showError(editor, errorText(error));
      return;
    }
    announce(word("editSaved"));
    if (this.#editor === editor) this.cancel();
  }
}

/** @param {Editor} editor @param {string} text */
function showError({ box, error }, text) {
  error.textContent = text;
  markInvalid(box, Boolean(text));
}
