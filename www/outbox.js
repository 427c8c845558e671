/*
 * outbox: what the visitor has said and the server has not yet confirmed.
 *
 * Every item keeps one client_id through all its attempts, and the items
 * outlive a reload (in the tab's session), so whatever breaks, a message is said
 * once and only once or is shown as not sent.  Items go one at a time, in the
 * order they were written.  After a failure that may pass, an item is tried
 * once more by itself, and again when a lost connection is back; in between it
 * is the visitor's turn.  A busy server is tried more often.  One that cannot
 * write for longer is not, and after a refusal it is the visitor's turn at once.
 */

import { drop, keep, recall } from "./storage.js";
import { newId } from "./request.js";

const ATTEMPTS = 2;
const ATTEMPTS_OF = { busy: 6, read_only: 1, storage_full: 1 }; /* by code, where it is not that */
const PAUSE_MS = 1_500;
const PAUSE_MAX_MS = 10_000; /* a visitor waits no longer, whatever the server says */

/* Whether a failure was the server's or the network's, and not the visitor's. */
function isServers(error) {
  return error?.status === 0 || error?.status >= 500;
}

/*
 * send(item) does the request; changed(item) is called when an item's state
 * (pending, failed, sent) changes; an item that failed has `error`.
 */
export class Outbox {
  #send;
  #changed;
  #key;
  #items;
  #open = false; /* from start() to stop() */
  #busy = false;

  constructor({ key, send, changed }) {
    this.#key = key;
    this.#send = send;
    this.#changed = changed;
    this.#items = recall(key) ?? [];
  }

  /* Shows and sends what an earlier life of the page left behind. */
  start() {
    this.#open = true;
    this.#items.forEach((item) => this.#changed(item));
    this.#pump();
  }

  add(content, type) {
    const item = { clientId: newId(), content, type, state: "pending", attempts: 0, error: null };
    this.#items.push(item);
    this.#set(item, "pending");
    this.#pump();
  }

  retry(clientId) {
    const item = this.#find(clientId);
    if (item?.state !== "failed") return;
    item.attempts = 0;
    this.#set(item, "pending");
    this.#pump();
  }

  /* The connection is back: what failed for want of it is tried again. */
  resume() {
    for (const item of this.#items) {
      if (item.state !== "failed" || !isServers(item.error)) continue;
      item.attempts = 0;
      this.#set(item, "pending");
    }
    this.#pump();
  }

  contentOf(clientId) {
    return this.#find(clientId)?.content ?? "";
  }

  discard(clientId) {
    this.#items = this.#items.filter((item) => item.clientId !== clientId);
    this.#keep();
  }

  /* The room has it, however we came to know. */
  confirm(clientId) {
    const item = this.#find(clientId);
    if (!item) return;
    this.discard(clientId);
    this.#changed({ ...item, state: "sent" });
  }

  /* Sends no more for now; the items stay. */
  stop() {
    this.#open = false;
  }

  /* Shows what is left, none of which can be sent any more. */
  giveUp(error) {
    for (const item of this.#items) this.#set(item, "failed", error);
  }

  clear() {
    this.stop();
    this.#items = [];
    drop(this.#key);
  }

  #find(clientId) {
    return this.#items.find((item) => item.clientId === clientId);
  }

  #set(item, state, error = null) {
    item.state = state;
    item.error = error;
    this.#keep();
    this.#changed(item);
  }

  #keep() {
    keep(this.#key, this.#items);
  }

  async #pump() {
    if (this.#busy) return;
    this.#busy = true;
    const next = () => this.#open && this.#items.find(({ state }) => state === "pending");
    for (let item = next(); item; item = next()) await this.#deliver(item);
    this.#busy = false;
  }

  async #deliver(item) {
    item.attempts += 1;
    this.#keep();
    try {
      await this.#send(item);
      this.confirm(item.clientId);
    } catch (error) {
      await this.#failed(item, error);
    }
  }

  async #failed(item, error) {
    const soon = error.code !== "slow_mode" || error.retryMs <= PAUSE_MAX_MS;
    if (error.passing && soon && item.attempts < (ATTEMPTS_OF[error.code] ?? ATTEMPTS)) {
      const ms = Math.min(error.retryMs ?? PAUSE_MS, PAUSE_MAX_MS);
      await new Promise((go) => setTimeout(go, ms));
      return;
    }
    const { code, status, fields, detail, passing } = error;
    const kept = { code, status, fields, detail, passing };
    if (this.#find(item.clientId)) this.#set(item, "failed", kept);
  }
}
