/*
 * unread: which messages of the log have not been read yet, and which of them
 * came while the tab was hidden (unseen), for the count in its title.
 *
 * Their ids are kept, not their number, so that a count goes down when a
 * message is deleted, or read in another window.
 */

export class Unread {
  /** @type {Set<number>} in the order in which they came */
  #ids = new Set();
  /** @type {Set<number>} */
  #unseen = new Set();

  get unread() {
    return this.#ids.size;
  }

  get unseen() {
    return this.#unseen.size;
  }

  /** @param {number} id @param {boolean} hidden */
  add(id, hidden) {
    this.#ids.add(id);
    if (hidden) this.#unseen.add(id);
  }

  /**
   * A visible tab means that all messages are seen; at the end of the log they
   * are read as well.
   *
   * @param {{ atEnd: boolean, hidden: boolean }} view
   */
  update({ atEnd, hidden }) {
    if (hidden) return;
    this.#unseen.clear();
    if (atEnd) this.#ids.clear();
  }

  /**
   * Removes the ids for which `fits(id)`.  Returns whether there were any.
   *
   * @param {(id: number) => boolean} fits
   */
  remove(fits) {
    const before = this.#ids.size + this.#unseen.size;
    for (const ids of [this.#ids, this.#unseen])
      for (const id of ids) if (fits(id)) ids.delete(id);
    return this.#ids.size + this.#unseen.size < before;
  }

  /**
   * After a new snapshot: removes what is missing in it, or deleted.
   *
   * @param {{ id: number, deleted_at?: string }[]} messages
   */
  retain(messages) {
    const there = new Set(messages.filter((one) => !one.deleted_at).map(({ id }) => id));
    const oldest = messages[0]?.id ?? 0;
    this.remove((id) => id >= oldest && !there.has(id));
  }

  /**
   * The lowest id for which `fits(id)`, or undefined.
   *
   * @param {(id: number) => boolean} fits
   */
  first(fits) {
    return [...this.#ids].filter(fits).sort((one, other) => one - other)[0];
  }
}
