/* clipboard: copies the link of a room, and confirms it for a moment. */

import { $, announce } from "./elements.js";
import { word } from "./words.js";

const CONFIRM_MS = 2_000;

/**
 * Returns false if the browser does not allow it.
 *
 * @param {string} link
 */
export async function copyLink(link) {
  if (!(await copy(link))) return false;
  const label = /** @type {HTMLElement} */ ($("copy-link").querySelector("span"));
  label.textContent = word("linkCopied");
  $("copy-link").classList.add("done");
  announce(word("linkCopied"));
  setTimeout(() => {
    label.textContent = word("copyLink");
    $("copy-link").classList.remove("done");
  }, CONFIRM_MS);
  return true;
}

/**
 * navigator.clipboard exists only on https and on localhost.
 *
 * @param {string} text
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const box = document.createElement("textarea");
  box.className = "visually-hidden";
  box.value = text;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  focused?.focus();
  return done;
}
