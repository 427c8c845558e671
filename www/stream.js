/*
 * stream: one connection for any number of rooms.
 *
 * It connects when open() is called and not before; close() ends it.  In
 * between it looks after itself: it reconnects where it was, falls back from a
 * stream to long polls to instant polls where a host lets nothing better
 * through, and tries the best transport again from time to time.
 */

import { Backoff } from "./backoff.js";
import { KINDS, isFinal } from "./event-kinds.js";
import { Interrupts, startPulse, watchPage } from "./interrupts.js";
import { linkAbort, newId } from "./request.js";
import { poll, readStream, transportsFrom } from "./transports.js";

const HEARTBEAT_MS = 15_000; /* until the server says */
const RETRY_MS = 2_000; /* until the server says */
const QUICK_MS = 1_000; /* a long poll answered sooner did not wait */
const UPGRADE_MS = 60_000; /* on a lesser transport before trying the best */
const UPGRADE_MAX_MS = 1_800_000;
const FAILURES_MAX = 2; /* of a transport that has worked before; others get one */

/**
 * The data of a `state` event.
 *
 * @typedef {object} StateChange
 * @property {"connecting" | "open" | "reconnecting" | "closed"} state
 * @property {Transport["name"]} transport
 * @property {boolean} crowded it polls because other tabs hold the connections
 * @property {string} [reason]
 * @property {import("./request.js").ParlorError} [error]
 * @property {number} [retryInMs]
 */

/**
 * @typedef {object} StreamOptions
 * @property {string | null} [cursor] where to begin; without it: now
 * @property {(() => Promise<string>) | null} [snapshot] loads and shows the rooms
 *   anew, and returns the cursor that belongs to what is shown
 * @property {import("./slots.js").Slot | null} [slot] for pages that are open in many tabs
 * @property {Transport["name"]} [transport] the best one to use; without it: "sse"
 */

/**
 * @typedef {import("./transports.js").Ending} Ending
 * @typedef {import("./transports.js").Transport} Transport
 */

export class Stream extends EventTarget {
  #client;
  #rooms;
  #snapshot;
  #slot;
  #transports; /* the last holds no connection open */
  #cursor;
  /** @type {StateChange["state"]} */
  #state = "closed";
  #conn = newId(); /* so that a reconnect takes the dead connection's place */
  /** @type {AbortController | null} */
  #opened = null; /* from open() to close() */
  #run = new AbortController(); /* of the loop: ends at pagehide as well */
  #turn = new AbortController(); /* one attempt: ends when the slot changes */
  #crowded = false; /* no slot: polls for now, whatever the level */
  #level = 0; /* the index of the transport to use unless it is crowded */
  #failures = 0; /* of that transport, in a row */
  #worked = new Set(); /* indices of the transports that have worked */
  #backoff = new Backoff();
  #upgradeMs = UPGRADE_MS;
  #heartbeatMs = HEARTBEAT_MS;
  #retryMs = RETRY_MS;
  /** @type {import("./transports.js").Progress} */
  #progress = { synced: false, flowed: false, lived: false, openedAt: 0 };
  /** @type {string | null} */
  #emitted = null; /* the transport of the last state event */
  #probing = false;
  #interrupts = new Interrupts();

  /**
   * @param {import("./parlor.js").Parlor} client
   * @param {string[]} rooms
   * @param {StreamOptions} options
   */
  constructor(client, rooms, { cursor = null, snapshot = null, slot = null, transport = "sse" } = {}) {
    super();
    this.#client = client;
    this.#rooms = [...rooms];
    this.#cursor = cursor;
    this.#snapshot = snapshot;
    this.#slot = slot;
    if (slot) slot.changed = () => this.#turn.abort();
    this.#transports = transportsFrom(transport);
  }

  get state() {
    return this.#state;
  }

  get transport() {
    return this.#transports[this.#current].name;
  }

  get cursor() {
    return this.#cursor;
  }

  /**
   * Calls `fn` with the data of each event of the kind `name` (KINDS), or with
   *   state  a StateChange, after each change
   *   reset  the sync that could not be resumed
   *
   * @param {string} name
   * @param {(data: any) => void} fn
   */
  on(name, fn) {
    this.addEventListener(name, (event) => fn(/** @type {CustomEvent} */ (event).detail));
    return this;
  }

  open() {
    if (this.#opened) return;
    this.#opened = new AbortController();
    this.#watchPage(this.#opened.signal);
    this.#setState("connecting");
    this.#start();
  }

  close() {
    if (this.#opened) this.#sendGoodbye();
    this.#finish({ reason: "closed" });
  }

  /** Ends the wait before the next attempt. */
  retryNow() {
    this.#interrupts.check();
  }

  get #last() {
    return this.#transports.length - 1;
  }

  /* The index of the transport in use. */
  get #current() {
    return this.#crowded ? this.#last : this.#level;
  }

  #start() {
    this.#run = new AbortController();
    this.#loop(this.#run.signal);
  }

  #suspend() {
    this.#run.abort();
    this.#slot?.release();
  }

  /*
   * Tells the server at once that the connection has ended.  The name is not
   * used again: the goodbye might arrive after the next connection has begun.
   */
  #sendGoodbye() {
    this.#client.goodbye(this.#conn).catch(() => {}); /* then it is found dead */
    this.#conn = newId();
  }

  /** @param {Partial<StateChange>} why */
  #finish(why) {
    if (!this.#opened) return;
    this.#opened.abort();
    this.#opened = null;
    this.#suspend();
    this.#setState("closed", why);
  }

  /** @param {AbortSignal} signal */
  #watchPage(signal) {
    watchPage(signal, {
      hidden: () => {
        this.#suspend();
        this.#sendGoodbye();
        this.#setState("reconnecting");
      },
      shown: () => this.#start(),
      online: () => this.#networkIsBack(),
      offline: () => this.#interrupts.cut(),
      awake: () => this.#interrupts.check(),
    });
  }

  /* An attempt that began without the network is begun anew. */
  #networkIsBack() {
    this.#backoff.reset();
    this.#interrupts.check();
    if (!this.#progress.synced) this.#turn.abort();
  }

  /** @param {string} name @param {any} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /**
   * @param {StateChange["state"]} state
   * @param {Partial<StateChange>} why
   */
  #setState(state, why = {}) {
    const { transport } = this;
    const same = this.#state === state && this.#emitted === transport;
    if (same && state !== "reconnecting") return;
    this.#state = state;
    this.#emitted = transport;
    this.#emit("state", { state, transport, crowded: this.#crowded, ...why });
  }

  /** @param {AbortSignal} signal */
  async #loop(signal) {
    while (!signal.aborted) {
      await this.#takeSlot();
      if (signal.aborted) return;
      const turn = new AbortController();
      this.#turn = turn;
      const unlink = linkAbort(turn, [signal]);
      const end = await this.#attempt(turn.signal);
      unlink();
      if (signal.aborted) return;
      if (turn.signal.aborted) continue;
      const why = { reason: end.bye?.reason, error: end.error };
      if (isFinal(why)) {
        this.#finish(why);
        return;
      }
      if (end.upgrade) {
        this.#level = 0;
        continue;
      }
      /* The API answered in the poller's place: what is new, and no stream. */
      if (why.reason === "poll") {
        this.#level = this.#last;
        this.#setState("open");
        continue;
      }
      const retryInMs = this.#retryDelay(end);
      if (retryInMs === 0) continue;
      this.#setState("reconnecting", { ...why, retryInMs });
      await this.#interrupts.pause(retryInMs, signal);
    }
  }

  async #takeSlot() {
    const { counted } = this.#transports[this.#level];
    this.#crowded = counted && this.#slot !== null && !(await this.#slot.take());
    if (!counted) this.#slot?.release();
  }

  /**
   * Makes one connection and returns how it ended.  `mute` stays only if the
   * API answers though nothing came by this transport.
   *
   * @param {AbortSignal} signal
   * @returns {Promise<Ending>}
   */
  async #attempt(signal) {
    this.#progress = { synced: false, flowed: false, lived: false, openedAt: 0 };
    /** @type {Ending} */
    let end = {};
    try {
      end = await this.#connect(this.#transports[this.#current], signal);
    } catch (error) {
      end = { error, mute: true };
    }
    if (signal.aborted) return end;
    if (this.#progress.synced && !end.silent) {
      this.#worked.add(this.#current);
      this.#failures = 0;
      end.mute = false;
      if (end.reset) this.#backoff.notResumed();
      else this.#backoff.ended(this.#openMs(), this.#heartbeatMs);
    } else if (end.mute && this.#current < this.#last) {
      end = await this.#probe(signal);
    }
    if (!end.reset) return end;
    return this.#reload(end.reset);
  }

  /** @param {Transport} transport @param {AbortSignal} signal */
  #connect(transport, signal) {
    return transport.as === "json" ? this.#pollWithPulse(transport, signal) : this.#stream(transport, signal);
  }

  /** @param {Transport} transport @param {AbortSignal} signal */
  async #pollWithPulse(transport, signal) {
    const stop = startPulse(() => this.#interrupts.tick());
    try {
      return await this.#pollRepeatedly(transport, signal);
    } finally {
      stop();
    }
  }

  /**
   * EventSource and WebSocket hide why they failed, and a proxy's error page says
   * little.  An instant poll gets the server's reason, or else the new events.
   *
   * @param {AbortSignal} signal
   * @returns {Promise<Ending>}
   */
  async #probe(signal) {
    this.#probing = true;
    try {
      const { end } = await this.#poll(this.#transports[this.#last], signal);
      return end ?? { mute: true };
    } catch (error) {
      return { error };
    } finally {
      this.#probing = false;
    }
  }

  /**
   * How long to wait before the next attempt.  Changes the transport if this one
   * does not work.
   *
   * @param {Ending} end
   */
  #retryDelay(end) {
    if (end.mute && this.#current < this.#last) {
      this.#failures += 1;
      if (this.#failures >= (this.#worked.has(this.#level) ? FAILURES_MAX : 1)) {
        this.#level += 1;
        this.#failures = 0;
        this.#setState("open"); /* the probe got through, by another way */
        return 0;
      }
    }
    if (end.reset && this.#backoff.takeImmediateRetry()) return 0;
    return this.#backoff.nextDelay(end.bye?.retry_ms ?? end.error?.retryMs ?? this.#retryMs);
  }

  /* How long the stream was open.  After a heartbeat, and for polls, that does not matter. */
  #openMs() {
    if (this.#progress.lived) return Infinity;
    const isPoll = this.#transports[this.#current].as === "json";
    return isPoll ? Infinity : performance.now() - this.#progress.openedAt;
  }

  /** @param {Transport} transport @param {Record<string, string | number>} extra */
  #url(transport, extra) {
    const { api, events } = this.#client;
    const url = new URL(transport.server === "api" ? new URL("events", api) : events);
    /** @type {Record<string, any>} */
    const query = { rooms: this.#rooms.join(","), as: transport.as, conn: this.#conn, ...extra };
    if (this.#cursor !== null) query.cursor = this.#cursor;
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  /** @param {Transport} transport @param {AbortSignal} signal @returns {Promise<Ending>} */
  async #stream(transport, signal) {
    let ticket;
    try {
      ({ ticket } = await this.#client.ticket({ signal }));
    } catch (error) {
      return { error };
    }
    if (signal.aborted) return {};
    return readStream(this.#url(transport, { ticket }), {
      as: transport.as,
      signal,
      interrupts: this.#interrupts,
      receive: this.#receive,
      progress: this.#progress,
      heartbeatMs: () => this.#heartbeatMs,
    });
  }

  /**
   * In a quiet room a long poll is answered late, so an instant poll goes first.
   *
   * @param {Transport} transport
   * @param {AbortSignal} signal
   * @returns {Promise<Ending>}
   */
  async #pollRepeatedly(transport, signal) {
    const until = this.#crowded ? Infinity : this.#upgradeAt();
    while (performance.now() < until && !signal.aborted) {
      if (transport.wait > 0 && this.#state !== "open") {
        const { end } = await this.#poll({ ...transport, wait: 0 }, signal);
        if (end) return end;
        this.#progress.synced = false; /* says nothing about whether waiting works */
      }
      const asked = performance.now();
      const { end, more, count = 0 } = await this.#poll(transport, signal);
      if (end) return end;
      if (more) continue;
      const waited = transport.wait > 0 && (count > 0 || performance.now() - asked > QUICK_MS);
      if (!waited) await this.#interrupts.pause(this.#retryMs, signal);
    }
    return { upgrade: true };
  }

  #upgradeAt() {
    const at = performance.now() + this.#upgradeMs;
    this.#upgradeMs = Math.min(this.#upgradeMs * 2, UPGRADE_MAX_MS);
    return at;
  }

  /** @param {Transport} transport @param {AbortSignal} signal */
  async #poll(transport, signal) {
    const { wait } = transport;
    const answer = await poll(this.#url(transport, { wait }), {
      signal,
      interrupts: this.#interrupts,
      receive: this.#receive,
      headers: this.#client.headers(),
      wait,
    });
    if (!answer.end) this.#cursor = answer.cursor ?? this.#cursor;
    return answer;
  }

  /**
   * Hands on one event; returns how the connection ends, if the event ends it.
   *
   * @param {string} kind
   * @param {any} data
   * @param {string | null} id
   * @returns {Ending | undefined}
   */
  #receive = (kind, data, id) => {
    if (KINDS[kind] === "fact") this.#cursor = id;
    if (kind !== "sync") this.#progress.flowed = true;
    if (kind === "hb") this.#progress.lived = true;
    this.#emit(kind, data);
    if (kind === "sync") return this.#sync(data);
    return kind === "bye" ? { bye: data } : undefined;
  };

  /** @param {import("./types.js").Sync} sync @returns {Ending | undefined} */
  #sync(sync) {
    this.#progress.synced = true;
    this.#progress.lived = false;
    this.#progress.openedAt = performance.now();
    this.#heartbeatMs = sync.hb_ms ?? this.#heartbeatMs;
    this.#retryMs = sync.retry_ms ?? this.#retryMs;
    if (!sync.recovered) return { reset: sync };
    this.#cursor ??= sync.from;
    if (!this.#probing) this.#setState("open");
    return undefined;
  }

  /**
   * The stream begins again at the new snapshot's cursor: no gap, no double.
   *
   * @param {import("./types.js").Sync} sync
   * @returns {Promise<Ending>}
   */
  async #reload(sync) {
    this.#emit("reset", sync);
    try {
      this.#cursor = this.#snapshot ? await this.#snapshot() : sync.head;
      return { reset: sync };
    } catch (error) {
      return { error };
    }
  }
}
