/*
 * elements: the small things of which every view is made.
 * Text from outside is only ever textContent.
 */

const TINTS = 8;

export const $ = (id) => document.getElementById(id);

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function button(className, text, pressed) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", pressed);
  return made;
}

const SHAPES = {
  close: "m5.5 5.5 9 9m0-9-9 9",
  heart: "M10 16.3 4.1 10.4a3.6 3.6 0 0 1 5.1-5.1l.8.8.8-.8a3.6 3.6 0 0 1 5.1 5.1Z",
  horn: "M4 8.2v3.6h2.4l6.6 3.4V4.8L6.4 8.2zM6.4 11.8l1 4h1.8M15.6 8a3 3 0 0 1 0 4",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  letter: "M3.5 5.5h13v9.5h-13zM4 6l6 5 6-5",
};

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

/* What a reader takes for the first character: a flag and a family are one. */
function firstOf(text) {
  if (graphemes) return graphemes.segment(text)[Symbol.iterator]().next().value?.segment;
  return [...text][0];
}

/* The same colour for the same id, on every screen. */
function tinted(className, id, name) {
  const made = element("span", className);
  const sum = [...id].reduce((n, c) => (n * 31 + c.codePointAt(0)) >>> 0, 7);
  made.classList.add(`tint-${sum % TINTS}`);
  made.dataset.initial = (firstOf(name) ?? "?").toLocaleUpperCase();
  made.setAttribute("aria-hidden", "true");
  return made;
}

export function avatar({ id, nickname }) {
  return tinted("avatar", id, nickname);
}

export function tile({ id, title }) {
  return tinted("avatar tile", id, title);
}

/*
 * Does what `button` is for, and takes no second press meanwhile.  A button
 * that is disabled would lose the focus.
 */
export async function busy(button, fn) {
  if (button.hasAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  try {
    await fn();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/* The field to mend says that it is the one. */
export function markInvalid(field, wrong) {
  if (wrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/* Other rows for `list`; the focus stays in the row of the same data-id. */
export function refill(list, rows) {
  const within = list.contains(document.activeElement) && document.activeElement.closest("[data-id]");
  list.replaceChildren(...rows);
  if (!within) return;
  const same = rows.find(({ dataset }) => dataset.id === within.dataset.id) ?? rows[0];
  (same?.querySelector("a, button") ?? list).focus();
}

/* Said to those who listen instead of looking. */
export function announce(text) {
  $("spoken").textContent = text;
}
