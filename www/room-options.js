/*
 * room-options: the fields that creating a room and changing it have in common:
 * all but the title.
 */

import { $, element, markInvalid } from "./elements.js";
import { durationText, relativeTime, wallNow } from "./times.js";
import { fillTexts, word } from "./words.js";

/**
 * The fields of the form.
 *
 * @typedef {object} Fields
 * @property {HTMLInputElement} capacity
 * @property {HTMLSelectElement} expiry
 * @property {HTMLInputElement} password
 * @property {HTMLInputElement} unlock
 * @property {HTMLSelectElement} notices
 * @property {HTMLSelectElement} slow
 * @property {HTMLInputElement} listed
 */

/**
 * The part of a room that the fields show; capacity null: not chosen yet.
 *
 * @typedef {object} Shown
 * @property {number | null} capacity
 * @property {string | null} expires_at
 * @property {boolean} [has_password]
 * @property {boolean} listed
 * @property {string} notices
 * @property {number} slow_ms
 */

const HOUR_MS = 3_600_000;
/** @type {Record<string, number>} */
const EXPIRIES = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS };
const SLOW_MS = [0, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000];

/**
 * The form's field for each field of the API that can be refused.
 *
 * @type {Record<string, keyof Fields>}
 */
const FIELD_OF = { capacity: "capacity", expires_at: "expiry", password: "password", slow_ms: "slow" };

export class RoomOptions {
  #form;
  #error;

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} place where the fields are put
   * @param {HTMLElement} error where errors are shown
   */
  constructor(form, place, error) {
    this.#form = form;
    this.#error = error;
    place.append($("room-options").content.cloneNode(true));
    fillTexts(place);
    for (const field of place.querySelectorAll("input, select")) field.setAttribute("aria-describedby", error.id);
    this.fill({ capacity: null, expires_at: null, listed: true, notices: "all", slow_ms: 0 });
  }

  get #fields() {
    return /** @type {Fields} */ (/** @type {any} */ (this.#form.elements));
  }

  /**
   * Shows the options of a room.  An expiry or a password that is set can be kept.
   *
   * @param {Shown} room
   */
  fill({ capacity, expires_at: ends, has_password: locked = false, listed, notices, slow_ms: slow }) {
    const fields = this.#fields;
    fields.capacity.value = String(capacity ?? "");
    fields.capacity.required = capacity !== null;
    fields.expiry.replaceChildren(...expiryChoices(ends));
    fields.password.value = "";
    fields.password.placeholder = locked ? word("passwordKept") : "";
    fields.unlock.checked = false;
    /** @type {HTMLElement} */ (fields.unlock.parentElement).hidden = !locked;
    fields.notices.value = notices;
    fields.slow.replaceChildren(...slowChoices(slow));
    fields.slow.value = String(slow);
    fields.listed.checked = listed;
    for (const field of this.#form.elements) markInvalid(field, false);
  }

  /**
   * The fields as the API takes them; null if one is invalid.
   *
   * @returns {import("./types.js").RoomFields | null}
   */
  read() {
    const { capacity, expiry, password, unlock, notices, slow, listed } = this.#fields;
    this.#mark({});
    if (!capacity.validity.valid) {
      this.showError({ fields: { capacity: "" } }, word("fields").capacity);
      return null;
    }
    /** @type {import("./types.js").RoomFields} */
    const fields = {
      notices: /** @type {"all" | "quiet" | "off"} */ (notices.value),
      slow_ms: Number(slow.value),
      listed: listed.checked,
    };
    if (capacity.value) fields.capacity = Number(capacity.value);
    if (expiry.value === "never") fields.expires_at = null;
    if (EXPIRIES[expiry.value]) fields.expires_at = new Date(wallNow().getTime() + EXPIRIES[expiry.value]).toISOString();
    if (unlock.checked) fields.password = null;
    else if (password.value) fields.password = password.value;
    return fields;
  }

  /**
   * Shows an error and focuses the field that it is about, or else `other`.
   *
   * @param {{ fields?: Record<string, string> }} error
   * @param {string} text
   * @param {HTMLElement | null} other
   */
  showError({ fields = {} }, text, other = null) {
    this.#error.textContent = text;
    (this.#mark(fields) ?? other)?.focus();
  }

  /**
   * Marks the wrong fields, and returns the first of them.
   *
   * @param {Record<string, string>} wrong
   */
  #mark(wrong) {
    const fields = this.#fields;
    /** @type {HTMLElement | null} */
    let first = null;
    for (const [refused, name] of Object.entries(FIELD_OF)) {
      markInvalid(fields[name], refused in wrong);
      if (refused in wrong) first ??= fields[name];
    }
    const fold = first?.closest("details");
    if (fold) fold.open = true;
    return first;
  }
}

/** @param {string} value @param {string} text */
function option(value, text) {
  const made = element("option", "", text);
  made.value = value;
  return made;
}

/** @param {string | null} ends */
function expiryChoices(ends) {
  const all = Object.entries(EXPIRIES).map(([name, ms]) => option(name, word("expiresIn", durationText(ms))));
  const kept = ends ? [option("", word("expiryKept", relativeTime(new Date(ends))))] : [];
  return [...kept, option("never", word("expiresNever")), ...all];
}

/**
 * A room may have been created with an interval that is not in the list.
 *
 * @param {number} own
 */
function slowChoices(own) {
  const all = [...new Set([...SLOW_MS, own])].sort((one, other) => one - other);
  return all.map((ms) => option(String(ms), ms === 0 ? word("slowOff") : word("slowOn", durationText(ms))));
}
