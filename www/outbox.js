/*
 * outbox: what the visitor has said and the server has not yet confirmed.
 *
 * Every item keeps one client_id through all its attempts, and the items
 * outlive a reload (in the tab's session), so whatever breaks, a message is said
 * once and only once or is shown as not sent.  Items go one at a time, in the
 * order they were written.
 */

import { drop, keep, recall } from "./memory.js";
import { newId } from "./parlor.js";

/* Pauses before the second and third attempt; after them it is the visitor's turn. */
const PAUSES_MS = [700, 2500];

/*
 * send(item) does the request; changed(item) is called when an item's state
 * (pending, failed, sent) changes; an item that failed has `error`.
 */
export class Outbox {
  #send;
  #changed;
  #key;
  #items;
  #busy = false;

  constructor({ key, send, changed }) {
    this.#key = key;
    this.#send = send;
    this.#changed = changed;
    const kept = recall(key) ?? [];
    this.#items = kept.map((item) => ({ ...item, state: "pending", error: null }));
  }

  /* Shows and sends what an earlier life of the page left behind. */
  start() {
    this.#items.forEach((item) => this.#changed(item));
    this.#pump();
  }

  add(content) {
    const item = { clientId: newId(), content, state: "pending", error: null };
    this.#items.push(item);
    this.#keep();
    this.#changed(item);
    this.#pump();
  }

  retry(clientId) {
    const item = this.#find(clientId);
    if (item?.state === "failed") this.#set(item, "pending");
    this.#pump();
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
    this.#set(item, "sent");
  }

  /* The server is back: what failed for want of it may go now. */
  retryAll() {
    const lost = this.#items.filter((i) => i.state === "failed" && i.error.passing);
    lost.forEach((item) => this.#set(item, "pending"));
    this.#pump();
  }

  clear() {
    this.#items = [];
    drop(this.#key);
  }

  #find(clientId) {
    return this.#items.find((item) => item.clientId === clientId);
  }

  #set(item, state, error = null) {
    item.state = state;
    item.error = error;
    this.#changed(item);
  }

  #keep() {
    const kept = this.#items.map(({ clientId, content }) => ({ clientId, content }));
    keep(this.#key, kept);
  }

  async #pump() {
    if (this.#busy) return;
    this.#busy = true;
    let item;
    while ((item = this.#items.find((i) => i.state === "pending"))) await this.#deliver(item);
    this.#busy = false;
  }

  async #deliver(item) {
    for (let attempt = 0; this.#find(item.clientId); attempt += 1) {
      try {
        await this.#send(item);
        this.confirm(item.clientId);
        return;
      } catch (error) {
        const over = !error.passing || attempt === PAUSES_MS.length;
        if (over && this.#find(item.clientId)) this.#set(item, "failed", error);
        if (over) return;
        await new Promise((go) => setTimeout(go, error.retryMs ?? PAUSES_MS[attempt]));
      }
    }
  }
}
