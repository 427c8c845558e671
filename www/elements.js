/*
 * elements: the small parts of which every view is made.
 * Text from outside only ever becomes textContent.
 */

/**
 * The elements of index.html that are more than an HTMLElement, by id.
 *
 * @typedef {object} Elements
 * @property {HTMLDialogElement} bans-dialog
 * @property {HTMLFormElement} compose
 * @property {HTMLDialogElement} confirm-dialog
 * @property {HTMLFormElement} create-form
 * @property {HTMLInputElement} create-title
 * @property {HTMLDialogElement} forget-dialog
 * @property {HTMLLinkElement} icon
 * @property {HTMLDialogElement} inbox
 * @property {HTMLInputElement} nickname
 * @property {HTMLInputElement} password
 * @property {HTMLInputElement} remember
 * @property {HTMLInputElement} remember-me
 * @property {HTMLDialogElement} rename-dialog
 * @property {HTMLInputElement} rename-nickname
 * @property {HTMLTemplateElement} room-options
 * @property {HTMLDialogElement} settings-dialog
 * @property {HTMLFormElement} settings-form
 * @property {HTMLInputElement} settings-title
 * @property {HTMLAnchorElement} skip
 * @property {HTMLTextAreaElement} text
 */

const TINTS = 8;

/**
 * The element of index.html with this id.
 *
 * @template {string} Id
 * @param {Id} id
 * @returns {Id extends keyof Elements ? Elements[Id] : HTMLElement}
 */
export const $ = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} [className]
 * @param {string} [text]
 */
export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * @param {string} className
 * @param {string} text
 * @param {() => void} onPress
 */
export function button(className, text, onPress) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", onPress);
  return made;
}

const SHAPES = {
  close: "m5.5 5.5 9 9m0-9-9 9",
  heart: "M10 16.3 4.1 10.4a3.6 3.6 0 0 1 5.1-5.1l.8.8.8-.8a3.6 3.6 0 0 1 5.1 5.1Z",
  horn: "M4 8.2v3.6h2.4l6.6 3.4V4.8L6.4 8.2zM6.4 11.8l1 4h1.8M15.6 8a3 3 0 0 1 0 4",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  letter: "M3.5 5.5h13v9.5h-13zM4 6l6 5 6-5",
};

/** @param {keyof SHAPES} name */
export function icon(name) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  made.setAttribute("viewBox", "0 0 20 20");
  made.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]);
  made.append(path);
  return made;
}

const graphemes = Intl.Segmenter ? new Intl.Segmenter() : null;

/**
 * What a reader takes for the first character: a flag and a family are one.
 *
 * @param {string} text
 * @returns {string | undefined}
 */
function firstCharacter(text) {
  if (graphemes) return graphemes.segment(text)[Symbol.iterator]().next().value?.segment;
  return [...text][0];
}

/**
 * An initial on the color of `id`, which is the same on every screen.
 *
 * @param {string} className
 * @param {string} id
 * @param {string} name
 */
function tinted(className, id, name) {
  const made = element("span", className);
  const sum = [...id].reduce((n, c) => (n * 31 + (c.codePointAt(0) ?? 0)) >>> 0, 7);
  made.classList.add(`tint-${sum % TINTS}`);
  made.dataset.initial = (firstCharacter(name) ?? "?").toLocaleUpperCase();
  made.setAttribute("aria-hidden", "true");
  return made;
}

/** @param {{ id: string, nickname: string }} person */
export function avatar({ id, nickname }) {
  return tinted("avatar", id, nickname);
}

/** @param {{ id: string, title: string }} room */
export function tile({ id, title }) {
  return tinted("avatar tile", id, title);
}

/**
 * Runs `fn`, and ignores further presses of `button` until it is done.  The
 * button is not disabled, because it would lose the focus.
 *
 * @param {HTMLElement} button
 * @param {() => Promise<void>} fn
 */
export async function whileBusy(button, fn) {
  if (button.hasAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  try {
    await fn();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** @param {Element} field @param {boolean} wrong */
export function markInvalid(field, wrong) {
  if (wrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/**
 * Replaces the rows of `list`.  The focus stays in the row of the same data-id.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement[]} rows
 */
export function replaceRows(list, rows) {
  const active = list.contains(document.activeElement) ? document.activeElement : null;
  const focused = /** @type {HTMLElement | null | undefined} */ (active?.closest("[data-id]"));
  list.replaceChildren(...rows);
  if (!focused) return;
  const same = rows.find(({ dataset }) => dataset.id === focused.dataset.id) ?? rows[0];
  const target = /** @type {HTMLElement | null | undefined} */ (same?.querySelector("a, button"));
  (target ?? list).focus();
}

/**
 * Says `text` to those who use a screen reader.
 *
 * @param {string} text
 */
export function announce(text) {
  $("announcements").textContent = text;
}
