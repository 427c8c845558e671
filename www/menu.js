/*
 * menu: what can be done with an item, behind a button beside it.  There is
 * one menu; it shows the choices of the button that opened it.
 */

import { $, button, icon } from "./elements.js";
import { word } from "./words.js";

/**
 * @typedef {object} Choice
 * @property {string} name
 * @property {string} text
 * @property {boolean} [danger]
 * @property {() => void} action
 */

const GAP_PX = 4;
const EDGE_PX = 8;

/** @type {HTMLElement | null} */
let opener = null;

/**
 * A button that opens the menu.
 *
 * @param {string} label
 * @param {() => Choice[]} choices
 */
export function menuButton(label, choices) {
  const made = button("icon-button more", "", () => {
    if (opener === made) close();
    else open(made, choices());
  });
  made.append(icon("more"));
  made.dataset.testid = "more";
  made.setAttribute("aria-label", label);
  made.setAttribute("aria-haspopup", "menu");
  made.setAttribute("aria-expanded", "false");
  return made;
}

/* Firefox before 125 has no popovers: there the z-index keeps the menu on top. */
const hasPopover = "popover" in HTMLElement.prototype;

export function initMenu() {
  $("menu").hidden = !hasPopover;
  $("menu").setAttribute("aria-label", word("menu"));
  $("menu").addEventListener("keydown", handleKey);
  $("menu").addEventListener("focusout", ({ relatedTarget }) => {
    const target = /** @type {Node | null} */ (relatedTarget);
    if (target !== opener && !$("menu").contains(target)) close();
  });
}

/** @param {HTMLElement} by @param {Choice[]} choices */
function open(by, choices) {
  close();
  opener = by;
  opener.setAttribute("aria-expanded", "true");
  $("menu").replaceChildren(...choices.map(choiceButton));
  if (hasPopover) $("menu").showPopover();
  else $("menu").hidden = false;
  position(by.getBoundingClientRect());
  items()[0].focus();
}

function close() {
  opener?.setAttribute("aria-expanded", "false");
  opener = null;
  if (hasPopover) $("menu").hidePopover();
  else $("menu").hidden = true;
}

/* A visitor who closes the menu goes on from its button. */
function closeToOpener() {
  const to = opener;
  close();
  to?.focus();
}

/** @param {Choice} choice */
function choiceButton({ name, text, danger = false, action }) {
  const made = button(danger ? "choice danger" : "choice", text, () => {
    closeToOpener();
    action();
  });
  made.setAttribute("role", "menuitem");
  made.tabIndex = -1;
  made.dataset.choice = name;
  return made;
}

/**
 * Below the button, or above it where there is no room, and within the window.
 *
 * @param {DOMRect} rect
 */
function position({ top, bottom, right }) {
  const { offsetWidth: width, offsetHeight: height, style } = $("menu");
  const below = bottom + GAP_PX;
  const fits = below + height + EDGE_PX <= innerHeight;
  style.top = `${Math.max(fits ? below : top - GAP_PX - height, EDGE_PX)}px`;
  style.left = `${Math.max(Math.min(right, innerWidth - EDGE_PX) - width, EDGE_PX)}px`;
}

const items = () => /** @type {HTMLElement[]} */ ([...$("menu").children]);

/** @param {KeyboardEvent} event */
function handleKey(event) {
  const all = items();
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  /** @type {Record<string, number>} */
  const targets = {
    ArrowDown: (at + 1) % all.length,
    ArrowUp: (at - 1 + all.length) % all.length,
    Home: 0,
    End: all.length - 1,
  };
  const to = targets[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all[to].focus();
  } else if (event.key === "Tab" || event.key === "Escape") {
    event.preventDefault();
    closeToOpener();
  }
}
