/*
 * outbox: the visitor's messages that the server has not yet confirmed.
 *
 * Every item keeps one client_id through all its attempts, and the items
 * survive a reload (in the tab's session).  So whatever breaks, a message is
 * posted exactly once or is shown as not sent.  Items are sent one at a time,
 * in the order in which they were written.  After a failure that may pass, an
 * item is retried once, and again when a lost connection is back; otherwise
 * the visitor decides.  A busy server is tried more often.  A server that
 * cannot write, or that refuses the message, is not tried again.
 */

import { newClientId } from "./request.js";
import { load, remove, save } from "./storage.js";

/**
 * What is stored of a ParlorError.
 *
 * @typedef {object} StoredError
 * @property {string} code
 * @property {number} [status]
 * @property {Record<string, string>} [fields]
 * @property {string} [detail]
 * @property {boolean} [passing]
 */

/**
 * @typedef {object} OutboxItem
 * @property {string} clientId
 * @property {string} content
 * @property {"message" | "alert"} type
 * @property {"pending" | "failed" | "sent"} state
 * @property {number} attempts
 * @property {StoredError | null} error of an item that failed
 */

const ATTEMPTS = 2;
/** @type {Record<string, number>} */
const ATTEMPTS_OF = { busy: 6, read_only: 1, storage_full: 1 }; /* the exceptions, by code */
const PAUSE_MS = 1_500;
const PAUSE_MAX_MS = 10_000; /* a visitor waits no longer, whatever the server says */

/**
 * Whether the server or the network failed, and not the visitor.
 *
 * @param {StoredError | null} error
 */
function isServerFailure(error) {
  return error?.status === 0 || (error?.status ?? 0) >= 500;
}

export class Outbox {
  #send;
  #changed;
  #key;
  /** @type {OutboxItem[]} */
  #items;
  #open = false; /* from start() to stop() */
  #busy = false;

  /**
   * @param {object} options
   * @param {string} options.key where the items are stored
   * @param {(item: OutboxItem) => Promise<void>} options.send
   * @param {(item: OutboxItem) => void} options.changed called when the state of an item changes
   */
  constructor({ key, send, changed }) {
    this.#key = key;
    this.#send = send;
    this.#changed = changed;
    this.#items = load(key) ?? [];
  }

  /** Shows and sends what was left before a reload. */
  start() {
    this.#open = true;
    this.#items.forEach((item) => this.#changed(item));
    this.#sendPending();
  }

  /** @param {string} content @param {"message" | "alert"} type */
  add(content, type) {
    /** @type {OutboxItem} */
    const item = { clientId: newClientId(), content, type, state: "pending", attempts: 0, error: null };
    this.#items.push(item);
    this.#setState(item, "pending");
    this.#sendPending();
  }

  /** @param {string} clientId */
  retry(clientId) {
    const item = this.#find(clientId);
    if (item?.state !== "failed") return;
    item.attempts = 0;
    this.#setState(item, "pending");
    this.#sendPending();
  }

  /** The connection is back: what failed without it is tried again. */
  resume() {
    for (const item of this.#items) {
      if (item.state !== "failed" || !isServerFailure(item.error)) continue;
      item.attempts = 0;
      this.#setState(item, "pending");
    }
    this.#sendPending();
  }

  /** @param {string} clientId */
  contentOf(clientId) {
    return this.#find(clientId)?.content ?? "";
  }

  /** @param {string} clientId */
  discard(clientId) {
    this.#items = this.#items.filter((item) => item.clientId !== clientId);
    this.#store();
  }

  /**
   * The room has the message, by the answer to the request or by the stream.
   *
   * @param {string} clientId
   */
  confirm(clientId) {
    const item = this.#find(clientId);
    if (!item) return;
    this.discard(clientId);
    this.#changed({ ...item, state: "sent" });
  }

  /** Sends no more for now; the items stay. */
  stop() {
    this.#open = false;
  }

  /**
   * Shows the remaining items as failed.
   *
   * @param {StoredError} error
   */
  failAll(error) {
    for (const item of this.#items) this.#setState(item, "failed", error);
  }

  clear() {
    this.stop();
    this.#items = [];
    remove(this.#key);
  }

  /** @param {string} clientId */
  #find(clientId) {
    return this.#items.find((item) => item.clientId === clientId);
  }

  /** @param {OutboxItem} item @param {OutboxItem["state"]} state @param {StoredError | null} error */
  #setState(item, state, error = null) {
    item.state = state;
    item.error = error;
    this.#store();
    this.#changed(item);
  }

  #store() {
    save(this.#key, this.#items);
  }

  async #sendPending() {
    if (this.#busy) return;
    this.#busy = true;
    const next = () => (this.#open ? this.#items.find(({ state }) => state === "pending") : undefined);
    for (let item = next(); item; item = next()) await this.#attempt(item);
    this.#busy = false;
  }

  /** @param {OutboxItem} item */
  async #attempt(item) {
    item.attempts += 1;
    this.#store();
    try {
      await this.#send(item);
      this.confirm(item.clientId);
    } catch (error) {
      await this.#onError(item, error);
    }
  }

  /** @param {OutboxItem} item @param {import("./request.js").ParlorError} error */
  async #onError(item, error) {
    const soon = error.code !== "slow_mode" || (error.retryMs ?? 0) <= PAUSE_MAX_MS;
    if (error.passing && soon && item.attempts < (ATTEMPTS_OF[error.code] ?? ATTEMPTS)) {
      const ms = Math.min(error.retryMs ?? PAUSE_MS, PAUSE_MAX_MS);
      await new Promise((resolve) => setTimeout(resolve, ms));
      return;
    }
    const { code, status, fields, detail, passing } = error;
    const stored = { code, status, fields, detail, passing };
    if (this.#find(item.clientId)) this.#setState(item, "failed", stored);
  }
}
