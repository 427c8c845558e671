/* compose: the box in which the visitor writes. */

import { $, markInvalid } from "./elements.js";
import { keep, recall } from "./memory.js";
import { word } from "./words.js";

const CONTENT_MAX = 4000; /* characters, as the server counts them */
const COMPOSING = 229; /* the keyCode of a key that an input method has taken */

/*
 * Enter sends, Shift+Enter makes a line.  An Enter that ends a composition
 * belongs to the input method: half a syllable would be sent.  Safari ends
 * the composition before it tells the key, hence the second condition.
 */
function sends(event) {
  if (event.key !== "Enter" || event.shiftKey) return false;
  return !event.isComposing && event.keyCode !== COMPOSING;
}

/* On a phone a focus opens the keyboard, which covers what is to be read. */
export function focusText() {
  if (matchMedia("(pointer: coarse)").matches) return false;
  $("text").focus();
  return true;
}

export class Compose {
  #key;
  #say;

  /* `say` is given what is to be said; `key` is where a draft is kept. */
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
  }

  start() {
    $("text").value = recall(this.#key) ?? "";
    this.#fit();
  }

  clear() {
    $("text").value = "";
    $("text-error").textContent = "";
    this.#changed();
  }

  #changed() {
    keep(this.#key, $("text").value);
    this.#fit();
  }

  /* The box grows with what is in it, as far as the style sheet lets it. */
  #fit() {
    const box = $("text");
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
  }

  #submit(event) {
    event.preventDefault();
    const content = $("text").value.replace(/\s+$/u, "");
    const over = [...content].length - CONTENT_MAX;
    markInvalid($("text"), over > 0);
    $("text-error").textContent = over > 0 ? word("textTooLong", over) : "";
    if (content && over <= 0) {
      this.clear();
      this.#say(content);
    }
    $("text").focus();
  }
}
