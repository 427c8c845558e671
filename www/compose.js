/* compose: the box in which the visitor writes. */

import { $, markInvalid } from "./elements.js";
import { isSendKey, isTouchKeyboard } from "./keyboard.js";
import { cleanText, isVisible } from "./message-text.js";
import { canModerate } from "./moderation.js";
import { SlowMode } from "./slow-mode.js";
import { load, save } from "./storage.js";
import { word } from "./words.js";

const CONTENT_MAX = 4000; /* characters, as the server counts them */

/** Focuses the box, but not on a phone, where the keyboard would cover the messages. */
export function focusCompose() {
  if (isTouchKeyboard()) return false;
  $("text").focus();
  return true;
}

/**
 * A text as it would be sent, and why it cannot be sent ("": it can).
 *
 * @param {string} written
 */
export function checkText(written) {
  const clean = cleanText(written);
  const content = isVisible(clean) ? clean : "";
  const over = [...content].length - CONTENT_MAX;
  return { content, error: over > 0 ? word("textTooLong", over) : "" };
}

/**
 * Grows a box with its text, up to the height that the style sheet allows.
 *
 * @param {HTMLTextAreaElement} box
 */
export function fitHeight(box) {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
}

export class Compose {
  #key;
  #send;
  #slowMode = new SlowMode();

  /**
   * @param {object} options
   * @param {string} options.key where the draft is stored
   * @param {(content: string, type: "message" | "alert") => void} options.send
   */
  constructor({ key, send }) {
    this.#key = key;
    this.#send = send;
    $("compose").addEventListener("submit", (event) => this.#submit(event));
    $("text").addEventListener("keydown", (event) => {
      if (!isSendKey(event)) return;
      event.preventDefault();
      $("compose").requestSubmit();
    });
    $("text").addEventListener("input", () => this.#changed());
    $("as-alert").title = word("asAlert");
    $("as-alert").addEventListener("click", () => {
      this.#setAnnouncing(!this.#announcing);
      $("text").focus();
    });
  }

  start() {
    $("text").value = load(this.#key) ?? "";
    const touch = isTouchKeyboard();
    $("text").enterKeyHint = touch ? "enter" : "send";
    $("text-hint").textContent = word(touch ? "textHintTouch" : "textHint");
    fitHeight($("text"));
  }

  /**
   * Puts a text that was refused above what is being written.
   *
   * @param {string} content
   */
  restore(content) {
    const { value } = $("text");
    $("text").value = value ? `${content}\n${value}` : content;
    this.#changed();
  }

  /**
   * Moderators may announce, and slow mode does not hold for them.
   *
   * @param {{ role: import("./types.js").Role, slowMs: number }} rules
   */
  setRules({ role, slowMs }) {
    const allowed = canModerate(role);
    $("as-alert").hidden = !allowed;
    $("compose").classList.toggle("announcing", allowed);
    if (!allowed) this.#setAnnouncing(false);
    this.#slowMode.setInterval(allowed ? 0 : slowMs);
  }

  /** @param {number} ms for which the server refuses messages */
  waitFor(ms) {
    this.#slowMode.waitFor(ms);
  }

  clear() {
    $("text").value = "";
    $("text-error").textContent = "";
    this.#changed();
  }

  #changed() {
    save(this.#key, $("text").value);
    fitHeight($("text"));
  }

  get #announcing() {
    return $("as-alert").getAttribute("aria-pressed") === "true";
  }

  /** @param {boolean} wanted */
  #setAnnouncing(wanted) {
    $("as-alert").setAttribute("aria-pressed", String(wanted));
    $("text").placeholder = word(wanted ? "alertPlaceholder" : "textPlaceholder");
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const { content, error } = checkText($("text").value);
    const { left } = this.#slowMode;
    markInvalid($("text"), Boolean(error));
    $("text-error").textContent = error || (content && left > 0 ? word("slowHeld") : "");
    if (content && !error && left === 0) this.#sendNow(content);
    $("text").focus();
  }

  /** @param {string} content */
  #sendNow(content) {
    const type = this.#announcing ? "alert" : "message";
    this.clear();
    this.#setAnnouncing(false);
    this.#slowMode.sent();
    this.#send(content, type);
  }
}
