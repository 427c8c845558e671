/*
 * personal-queue: the visitor's own queue, by whichever stream there is.
 *
 *   queue.on("unread", ({ room, unread }) => ...);
 *   queue.open();          a stream of its own, for a view without a room
 *   queue.follow(stream);  or the stream of the room that one is in
 *
 * `missed` says that what was drawn from before may be out of date: the stream
 * begins, or could not bring all.
 */

import { Slot } from "./slots.js";

const KINDS = ["unread", "read", "notification", "notifications"];

export class Queue extends EventTarget {
  #parlor;
  #stream = null;

  constructor(parlor) {
    super();
    this.#parlor = parlor;
  }

  on(name, fn) {
    this.addEventListener(name, ({ detail }) => fn(detail));
    return this;
  }

  /* Nobody has no queue. */
  open() {
    if (this.#stream || this.#parlor.token === null) return;
    this.#stream = this.#parlor.stream([], { slot: new Slot(this.#parlor.events.origin) });
    this.#stream.on("state", ({ state, reason, error }) => {
      if (state === "closed") this.#tell("ended", error?.code ?? reason);
    });
    this.follow(this.#stream);
    this.#stream.open();
  }

  close() {
    this.#stream?.close();
    this.#stream = null;
  }

  follow(stream) {
    for (const kind of KINDS) stream.on(kind, (data) => this.#tell(kind, data));
    let begun = false;
    stream.on("reset", () => this.#tell("missed"));
    stream.on("state", ({ state }) => {
      if (state === "open" && !begun) this.#tell("missed");
      begun ||= state === "open";
    });
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
