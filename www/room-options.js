/*
 * room-options: what a room can be like, beyond its title: the fields that creating
 * a room and changing it have in common.
 */

import { $, element, markInvalid } from "./elements.js";
import { lengthWords, untilWords, wallNow } from "./times.js";
import { fillWords, word } from "./words.js";

const HOUR_MS = 3_600_000;
const EXPIRIES = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS };
const SLOW_MS = [0, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000];

/* The field that a refused one of the API's is entered in. */
const FIELDS = { capacity: "capacity", expires_at: "expiry", password: "password", slow_ms: "slow" };

export class RoomOptions {
  #form;
  #error;

  /* The fields come into `place`, what is wrong with them into the element `error`. */
  constructor(form, place, error) {
    this.#form = form;
    this.#error = error;
    place.append($("room-options").content.cloneNode(true));
    fillWords(place);
    for (const field of place.querySelectorAll("input, select")) field.setAttribute("aria-describedby", error.id);
    this.show({ capacity: null, expires_at: null, listed: true, notices: "all", slow_ms: 0 });
  }

  /* As `room` is; an expiry that is set can stay, and so can a password. */
  show({ capacity, expires_at: ends, has_password: locked = false, listed, notices, slow_ms: slow }) {
    const { elements } = this.#form;
    elements.capacity.value = capacity ?? "";
    elements.capacity.required = capacity !== null;
    elements.expiry.replaceChildren(...expiryChoices(ends));
    elements.password.value = "";
    elements.password.placeholder = locked ? word("passwordKept") : "";
    elements.unlock.checked = false;
    elements.unlock.parentElement.hidden = !locked;
    elements.notices.value = notices;
    elements.slow.replaceChildren(...slowChoices(slow));
    elements.slow.value = slow;
    elements.listed.checked = listed;
    for (const field of elements) markInvalid(field, false);
  }

  /* What the API is to be told; null if that cannot be said. */
  read() {
    const { capacity, expiry, password, unlock, notices, slow, listed } = this.#form.elements;
    this.#mark({});
    if (!capacity.validity.valid) {
      this.refuse({ fields: { capacity: "" } }, word("fields").capacity);
      return null;
    }
    const fields = { notices: notices.value, slow_ms: Number(slow.value), listed: listed.checked };
    if (capacity.value) fields.capacity = Number(capacity.value);
    if (expiry.value === "never") fields.expires_at = null;
    if (EXPIRIES[expiry.value]) fields.expires_at = new Date(wallNow().getTime() + EXPIRIES[expiry.value]).toISOString();
    if (unlock.checked) fields.password = null;
    else if (password.value) fields.password = password.value;
    return fields;
  }

  /* `words` say what is wrong; the field that it is about gets the focus, or else `other`. */
  refuse({ fields = {} }, words, other = null) {
    this.#error.textContent = words;
    (this.#mark(fields) ?? other)?.focus();
  }

  #mark(wrong) {
    const { elements } = this.#form;
    let first = null;
    for (const [told, name] of Object.entries(FIELDS)) {
      markInvalid(elements[name], told in wrong);
      if (told in wrong) first ??= elements[name];
    }
    if (first?.closest("details")) first.closest("details").open = true;
    return first;
  }
}

function choice(value, words) {
  const made = element("option", "", words);
  made.value = value;
  return made;
}

function expiryChoices(ends) {
  const all = Object.entries(EXPIRIES).map(([name, ms]) => choice(name, word("expiresIn", lengthWords(ms))));
  const kept = ends ? [choice("", word("expiryKept", untilWords(new Date(ends))))] : [];
  return [...kept, choice("never", word("expiresNever")), ...all];
}

/* A room may have been made with a wait that is not among these. */
function slowChoices(own) {
  const all = [...new Set([...SLOW_MS, own])].sort((one, other) => one - other);
  return all.map((ms) => choice(ms, ms === 0 ? word("slowOff") : word("slowOn", lengthWords(ms))));
}
