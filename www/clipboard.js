/* clipboard: copies the room's link, and says so for a moment. */

import { $, announce } from "./elements.js";
import { word } from "./words.js";

const COPIED_MS = 2_000;

/* Returns false if the browser does not allow it. */
export async function copyLink(link) {
  if (!(await copied(link))) return false;
  const label = $("copy-link").querySelector("span");
  label.textContent = word("linkCopied");
  $("copy-link").classList.add("done");
  announce(word("linkCopied"));
  setTimeout(() => {
    label.textContent = word("copyLink");
    $("copy-link").classList.remove("done");
  }, COPIED_MS);
  return true;
}

/* navigator.clipboard is there only on https and on this machine. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text);
  }
}

function copiedBySelection(text) {
  const back = document.activeElement;
  const box = document.createElement("textarea");
  box.className = "spoken";
  box.value = text;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  back?.focus();
  return done;
}
