/*
 * personal-queue: the events of the visitor's own queue, whichever stream
 * brings them.
 *
 *   queue.on("unread", ({ room, unread }) => ...);
 *   queue.open();          a stream of its own, for a view without a room
 *   queue.follow(stream);  or the stream of the room that is open
 *
 * Two more events are made here.  `missed`: what is shown may be out of date,
 * because the stream begins or could not resume.  `ended`: the queue's own
 * stream has ended, with the code or reason.
 */

import { Slot } from "./slots.js";

const KINDS = ["unread", "read", "notification", "notifications"];

export class PersonalQueue extends EventTarget {
  #parlor;
  /** @type {import("./stream.js").Stream | null} */
  #stream = null;

  /** @param {import("./parlor.js").Parlor} parlor */
  constructor(parlor) {
    super();
    this.#parlor = parlor;
  }

  /** @param {string} name @param {(data: any) => void} fn */
  on(name, fn) {
    this.addEventListener(name, (event) => fn(/** @type {CustomEvent} */ (event).detail));
    return this;
  }

  /** Does nothing while there is no person, who would have a queue. */
  open() {
    if (this.#stream || this.#parlor.token === null) return;
    this.#stream = this.#parlor.stream([], { slot: new Slot(this.#parlor.events.origin) });
    this.#stream.on("state", ({ state, reason, error }) => {
      if (state === "closed") this.#emit("ended", error?.code ?? reason);
    });
    this.follow(this.#stream);
    this.#stream.open();
  }

  close() {
    this.#stream?.close();
    this.#stream = null;
  }

  /** @param {import("./stream.js").Stream} stream */
  follow(stream) {
    for (const kind of KINDS) stream.on(kind, (data) => this.#emit(kind, data));
    let begun = false;
    stream.on("reset", () => this.#emit("missed"));
    stream.on("state", ({ state }) => {
      if (state === "open" && !begun) this.#emit("missed");
      begun ||= state === "open";
    });
  }

  /** @param {string} kind @param {any} [detail] */
  #emit(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
