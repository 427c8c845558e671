/*
 * slots: which tabs of a browser may hold a connection open.
 *
 *   parlor.stream(["lobby"], { cursor, slot: new Slot(parlor.events.origin) });
 *
 * Over HTTP/1.1 a browser has six connections to a server for all its tabs
 * together.  Six open streams use them up: nothing can be sent any more, and
 * a seventh tab does not even load.  So the tabs agree, over a
 * BroadcastChannel, on a few that stream.  There is no list of them: a tab that
 * wants a slot asks which tabs have one, and those answer.  A tab that is
 * asking answers too, so of two the earlier one gets the slot.  If their
 * questions cross, the tab with the lower id gets it.
 *
 * A visible tab goes before a hidden one: it asks the tab that has been hidden
 * longest to give way.  A tab without a slot asks again when it becomes
 * visible, when another tab says that it has closed, and from time to time,
 * since a tab that is killed says nothing.
 *
 * The tabs exchange durations and not times, so their clocks need not agree.
 */

import { newId } from "./request.js";

const SLOTS = 4; /* of six: two are left for requests */
const ANSWER_MS = 200;
const GIVE_WAY_MS = 1_000;
const CLAIM_MS = 2_000; /* a question holds no longer: a hidden tab's timers may sleep */
const RETRY_MS = 5_000;
const SPREAD_MS = 300; /* so that not all tabs ask for a free slot at once */

const isHidden = () => globalThis.document?.hidden ?? false;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * What the tabs send each other.
 *
 * @typedef {object} Message
 * @property {"ask" | "holds" | "give way" | "closed"} kind
 * @property {string} from
 * @property {string} [to] without it: all tabs
 * @property {number | null} [hiddenMs] for how long the sender has been hidden
 * @property {boolean} [asking] the sender does not hold the slot yet
 */

export class Slot {
  #name;
  #id = newId();
  /** @type {"idle" | "asking" | "held" | "waiting"} */
  #state = "idle";
  #askedAt = 0;
  /** @type {number | null} */
  #hiddenAt = null;
  /** @type {Map<string, number | null>} for how long each holder has been hidden */
  #holders = new Map();
  /** @type {Set<string>} tabs whose question came during this tab's */
  #crossed = new Set();
  /** @type {(done: boolean) => void} */
  #gaveWay = () => {};
  /** @type {BroadcastChannel | null} */
  #channel = null;
  #listening = new AbortController();

  /** Called when a held slot must be given up, or when a slot has become free for this tab. */
  changed = () => {};

  /** @param {string} server */
  constructor(server) {
    this.#name = `parlor ${server}`;
  }

  /** Whether a connection may be held open, from now until changed() or release(). */
  async take() {
    if (typeof BroadcastChannel === "undefined") return true;
    if (this.#state === "idle") {
      this.#join();
      await this.#ask();
    }
    return this.#holds;
  }

  release() {
    if (this.#state === "idle") return;
    if (this.#state === "held") this.#post("closed");
    this.#state = "idle";
    this.#listening.abort();
    this.#channel?.close();
  }

  #join() {
    this.#state = "waiting";
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.addEventListener("message", ({ data }) => this.#receive(data), { signal });
    this.#hiddenAt = isHidden() ? performance.now() : null;
    globalThis.document?.addEventListener("visibilitychange", () => this.#onVisibility(), { signal });
    const again = setInterval(() => this.#askAgain(), RETRY_MS);
    signal.addEventListener("abort", () => clearInterval(again));
  }

  #onVisibility() {
    this.#hiddenAt = isHidden() ? performance.now() : null;
    if (!isHidden()) this.#askAgain();
  }

  async #askAgain() {
    if (this.#state !== "waiting") return;
    await this.#ask();
    if (this.#holds) this.changed();
  }

  get #holds() {
    return this.#state === "held";
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
    const there = this.#isClaiming && (this.#holders.size < SLOTS || (await this.#displace()));
    if (asking()) this.#state = there ? "held" : "waiting";
  }

  /** Makes a hidden tab give way.  Whether one did. @returns {Promise<boolean>} */
  #displace() {
    const hidden = [...this.#holders].filter(([, hiddenMs]) => hiddenMs !== null);
    if (isHidden() || hidden.length === 0) return Promise.resolve(false);
    const [[longest]] = hidden.sort(([, one], [, other]) => Number(other) - Number(one));
    return new Promise((resolve) => {
      this.#gaveWay = resolve;
      this.#post("give way", { to: longest });
      setTimeout(resolve, GIVE_WAY_MS, false);
    });
  }

  /** @param {Message["kind"]} kind @param {Partial<Message>} fields */
  #post(kind, fields = {}) {
    this.#channel?.postMessage({ kind, from: this.#id, ...fields });
  }

  /** @param {Message} message */
  #receive({ kind, from, to, hiddenMs = null, asking = false }) {
    const forMe = to === this.#id;
    if (kind === "ask") {
      this.#answer(from);
    } else if (kind === "holds" && forMe) {
      if (asking && this.#crossed.has(from) && this.#id < from) return;
      this.#holders.set(from, hiddenMs);
      this.#yieldIfLate();
    } else if (kind === "give way" && forMe) {
      this.#giveWay(from);
    } else if (kind === "closed" && forMe) {
      this.#holders.delete(from);
      this.#gaveWay(true);
    } else if (kind === "closed" && to === undefined) {
      setTimeout(() => this.#askAgain(), Math.random() * SPREAD_MS);
    }
  }

  /* A busy tab, which was first, may answer only after this one has taken the slot. */
  #yieldIfLate() {
    if (this.#state !== "held" || this.#holders.size < SLOTS) return;
    this.#state = "waiting";
    this.changed();
  }

  /* While a tab asks, it counts among those that have a slot. */
  get #isClaiming() {
    return this.#state === "asking" && performance.now() - this.#askedAt < CLAIM_MS;
  }

  /** @param {string} from */
  #answer(from) {
    const asking = this.#isClaiming;
    if (asking) this.#crossed.add(from);
    if (!asking && this.#state !== "held") return;
    const hiddenMs = this.#hiddenAt === null ? null : performance.now() - this.#hiddenAt;
    this.#post("holds", { to: from, hiddenMs, asking });
  }

  /** @param {string} to */
  #giveWay(to) {
    const held = this.#state === "held";
    if (!isHidden() || !(held || this.#state === "asking")) return;
    this.#state = "waiting";
    if (held) this.changed();
    this.#post("closed", { to });
  }
}
