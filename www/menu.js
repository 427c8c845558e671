/*
 * menu: what can be done with a thing, behind a button beside it.  There is
 * one menu, and it shows the choices of the button that opened it.
 */

import { $, button, icon } from "./elements.js";
import { word } from "./words.js";

const GAP_PX = 4;
const EDGE_PX = 8;

let opener = null;

/* `choices()` are {name, words, danger, act}; `words` say whose they are. */
export function menuButton(words, choices) {
  const made = button("icon-button more", "", () => {
    if (opener === made) close();
    else open(made, choices());
  });
  made.append(icon("more"));
  made.dataset.testid = "more";
  made.setAttribute("aria-label", words);
  made.setAttribute("aria-haspopup", "menu");
  made.setAttribute("aria-expanded", "false");
  return made;
}

/* Firefox has popovers since 125: without them the menu stands above by its z-index. */
const pops = "popover" in HTMLElement.prototype;

export function watchMenu() {
  $("menu").hidden = !pops;
  $("menu").setAttribute("aria-label", word("menu"));
  $("menu").addEventListener("keydown", steer);
  $("menu").addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget !== opener && !$("menu").contains(relatedTarget)) close();
  });
}

function open(by, choices) {
  close();
  opener = by;
  opener.setAttribute("aria-expanded", "true");
  $("menu").replaceChildren(...choices.map(choiceOf));
  if (pops) $("menu").showPopover();
  else $("menu").hidden = false;
  place(by.getBoundingClientRect());
  $("menu").firstElementChild.focus();
}

function close() {
  opener?.setAttribute("aria-expanded", "false");
  opener = null;
  if (pops) $("menu").hidePopover();
  else $("menu").hidden = true;
}

/* Whoever closes it by hand goes on from the button. */
function goBack() {
  const to = opener;
  close();
  to.focus();
}

function choiceOf({ name, words, danger = false, act }) {
  const made = button(danger ? "choice danger" : "choice", words, () => {
    goBack();
    act();
  });
  made.setAttribute("role", "menuitem");
  made.tabIndex = -1;
  made.dataset.choice = name;
  return made;
}

/* Below the button, or above it where there is no room, and within the window. */
function place({ top, bottom, right }) {
  const { offsetWidth: width, offsetHeight: height, style } = $("menu");
  const below = bottom + GAP_PX;
  const fits = below + height + EDGE_PX <= innerHeight;
  style.top = `${Math.max(fits ? below : top - GAP_PX - height, EDGE_PX)}px`;
  style.left = `${Math.max(Math.min(right, innerWidth - EDGE_PX) - width, EDGE_PX)}px`;
}

function steer(event) {
  const items = [...$("menu").children];
  const at = items.indexOf(document.activeElement);
  const to = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items[to].focus();
  } else if (event.key === "Tab" || event.key === "Escape") {
    event.preventDefault();
    goBack();
  }
}
