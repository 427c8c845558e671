/* compose: the box in which the visitor writes. */

import { $, markInvalid } from "./elements.js";
import { enterBreaks, sends } from "./keyboard.js";
import { keep, recall } from "./storage.js";
import { moderates } from "./moderation.js";
import { Slow } from "./slow-mode.js";
import { word } from "./words.js";
import { drawsSomething, tidied } from "./message-text.js";

const CONTENT_MAX = 4000; /* characters, as the server counts them */

/* On a phone a focus opens the keyboard, which covers what is to be read. */
export function focusText() {
  if (enterBreaks()) return false;
  $("text").focus();
  return true;
}

/* What is written, as it would be sent, and why it cannot be. */
export function textOf(written) {
  const tidy = tidied(written);
  const content = drawsSomething(tidy) ? tidy : "";
  const over = [...content].length - CONTENT_MAX;
  return { content, refused: over > 0 ? word("textTooLong", over) : "" };
}

/* The box grows with what is in it, as far as the style sheet lets it. */
export function fitText(box) {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
}

export class Compose {
  #key;
  #say;
  #slow = new Slow();

  /* `say(content, type)` says it; `key` is where a draft is kept. */
  constructor({ key, say }) {
    this.#key = key;
    this.#say = say;
    $("compose").addEventListener("submit", (event) => this.#submit(event));
    $("text").addEventListener("keydown", (event) => {
      if (!sends(event)) return;
      event.preventDefault();
      $("compose").requestSubmit();
    });
    $("text").addEventListener("input", () => this.#changed());
    $("as-alert").title = word("asAlert");
    $("as-alert").addEventListener("click", () => {
      this.#announceNext(!this.#announces);
      $("text").focus();
    });
  }

  start() {
    $("text").value = recall(this.#key) ?? "";
    const breaks = enterBreaks();
    $("text").enterKeyHint = breaks ? "enter" : "send";
    $("text-hint").textContent = word(breaks ? "textHintTouch" : "textHint");
    fitText($("text"));
  }

  /* Puts a text that was refused before what is being written. */
  take(content) {
    const { value } = $("text");
    $("text").value = value ? `${content}\n${value}` : content;
    this.#changed();
  }

  /* Who moderates may announce, and need not wait. */
  suit({ role, slowMs }) {
    const may = moderates(role);
    $("as-alert").hidden = !may;
    $("compose").classList.toggle("announcing", may);
    if (!may) this.#announceNext(false);
    this.#slow.set(may ? 0 : slowMs);
  }

  /* The server wants that one waits so long. */
  wait(ms) {
    this.#slow.wait(ms);
  }

  clear() {
    $("text").value = "";
    $("text-error").textContent = "";
    this.#changed();
  }

  #changed() {
    keep(this.#key, $("text").value);
    fitText($("text"));
  }

  get #announces() {
    return $("as-alert").getAttribute("aria-pressed") === "true";
  }

  #announceNext(wanted) {
    $("as-alert").setAttribute("aria-pressed", wanted);
    $("text").placeholder = word(wanted ? "alertPlaceholder" : "textPlaceholder");
  }

  #submit(event) {
    event.preventDefault();
    const { content, refused } = textOf($("text").value);
    const { left } = this.#slow;
    markInvalid($("text"), Boolean(refused));
    $("text-error").textContent = refused || (content && left > 0 ? word("slowHeld") : "");
    if (content && !refused && left === 0) this.#send(content);
    $("text").focus();
  }

  #send(content) {
    const type = this.#announces ? "alert" : "message";
    this.clear();
    this.#announceNext(false);
    this.#slow.spoke();
    this.#say(content, type);
  }
}
