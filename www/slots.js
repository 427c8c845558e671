/*
 * slots: which tabs of a browser may hold a connection open.
 *
 *   parlor.stream(["lobby"], { cursor, slot: new Slot(parlor.events.origin) });
 *
 * Over HTTP/1.1 a browser has six connections to a server for all its tabs
 * together.  Six open streams use them up: nothing can be sent any more, and
 * a seventh tab does not even load.  So the tabs agree, over a
 * BroadcastChannel, on a few that stream.  Nobody keeps a list: whoever wants
 * a slot asks who has one, and those who do answer.  A tab that is asking
 * answers too, so of two the earlier has it.  If their questions cross, the
 * tab with the lower id has it.
 *
 * A tab that is seen goes before one that is hidden: it asks the one hidden
 * for longest to give way.  Who gets none asks again when it is seen, when
 * another tab says that it has closed, and now and then, since a tab that is
 * ended by force says nothing.
 *
 * The tabs exchange no times but durations: their clocks need not agree.
 */

import { newId } from "./request.js";

const SLOTS = 4; /* of six: two are left for requests */
const ANSWER_MS = 200;
const GIVE_WAY_MS = 1_000;
const CLAIM_MS = 2_000; /* a hidden tab's timers may sleep: it claims no longer */
const AGAIN_MS = 5_000;
const SPREAD_MS = 300; /* so that not all who heard of a free slot ask at once */

const isHidden = () => globalThis.document?.hidden ?? false;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Slot {
  #name;
  #id = newId();
  #state = "idle"; /* asking, held or waiting */
  #askedAt = 0;
  #hiddenAt = null;
  #holders = new Map(); /* who answered -> for how long it is hidden, or null */
  #crossed = new Set(); /* whose question came during the question of this tab */
  #gaveWay = () => {};
  #channel = null;
  #ends = null;

  /* Called when a held slot must be given up, or a refused one has come. */
  changed = () => {};

  constructor(server) {
    this.#name = `parlor ${server}`;
  }

  /* Whether a connection may be held open, from now to changed() or release(). */
  async take() {
    if (typeof BroadcastChannel === "undefined") return true;
    if (this.#state === "idle") {
      this.#begin();
      await this.#ask();
    }
    return this.#state === "held";
  }

  release() {
    if (this.#state === "idle") return;
    if (this.#state === "held") this.#post("closed");
    this.#state = "idle";
    this.#ends.abort();
    this.#channel.close();
  }

  #begin() {
    this.#state = "waiting";
    this.#ends = new AbortController();
    const { signal } = this.#ends;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.addEventListener("message", ({ data }) => this.#hear(data), { signal });
    this.#hiddenAt = isHidden() ? performance.now() : null;
    globalThis.document?.addEventListener("visibilitychange", () => this.#turned(), { signal });
    const again = setInterval(() => this.#askAgain(), AGAIN_MS);
    signal.addEventListener("abort", () => clearInterval(again));
  }

  #turned() {
    this.#hiddenAt = isHidden() ? performance.now() : null;
    if (!isHidden()) this.#askAgain();
  }

  async #askAgain() {
    if (this.#state !== "waiting") return;
    await this.#ask();
    if (this.#state === "held") this.changed();
  }

  async #ask() {
    const askedAt = performance.now();
    this.#askedAt = askedAt;
    this.#state = "asking";
    this.#holders.clear();
    this.#crossed.clear();
    this.#post("ask");
    await pause(ANSWER_MS);
    const asking = () => this.#state === "asking" && this.#askedAt === askedAt;
    if (!asking()) return;
    const there = this.#claims && (this.#holders.size < SLOTS || (await this.#displace()));
    if (asking()) this.#state = there ? "held" : "waiting";
  }

  /* Whether a hidden tab has given way to this one. */
  #displace() {
    const hidden = [...this.#holders].filter(([, hiddenMs]) => hiddenMs !== null);
    if (isHidden() || hidden.length === 0) return false;
    const [[longest]] = hidden.sort(([, one], [, other]) => other - one);
    return new Promise((resolve) => {
      this.#gaveWay = resolve;
      this.#post("give way", { to: longest });
      setTimeout(resolve, GIVE_WAY_MS, false);
    });
  }

  #post(kind, fields = {}) {
    this.#channel.postMessage({ kind, from: this.#id, ...fields });
  }

  #hear({ kind, from, to, hiddenMs = null, asking = false }) {
    const mine = to === this.#id;
    if (kind === "ask") {
      this.#answer(from);
    } else if (kind === "holds" && mine) {
      if (asking && this.#crossed.has(from) && this.#id < from) return;
      this.#holders.set(from, hiddenMs);
      this.#stepBack();
    } else if (kind === "give way" && mine) {
      this.#giveWay(from);
    } else if (kind === "closed" && mine) {
      this.#holders.delete(from);
      this.#gaveWay(true);
    } else if (kind === "closed" && to === undefined) {
      setTimeout(() => this.#askAgain(), Math.random() * SPREAD_MS);
    }
  }

  /* An answer came after the slot was taken: a busy tab's, who was first. */
  #stepBack() {
    if (this.#state !== "held" || this.#holders.size < SLOTS) return;
    this.#state = "waiting";
    this.changed();
  }

  /* While it asks, and for no longer, a tab counts among those who have a slot. */
  get #claims() {
    return this.#state === "asking" && performance.now() - this.#askedAt < CLAIM_MS;
  }

  #answer(from) {
    const asking = this.#claims;
    if (asking) this.#crossed.add(from);
    if (!asking && this.#state !== "held") return;
    const hiddenMs = this.#hiddenAt === null ? null : performance.now() - this.#hiddenAt;
    this.#post("holds", { to: from, hiddenMs, asking });
  }

  #giveWay(to) {
    const held = this.#state === "held";
    if (!isHidden() || !(held || this.#state === "asking")) return;
    this.#state = "waiting";
    if (held) this.changed();
    this.#post("closed", { to });
  }
}
