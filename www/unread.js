/*
 * unread: which messages of the log have not been read yet, and which of them
 * came while the tab was hidden (unseen), for the count in its title.
 *
 * They are kept by id and not as numbers, so that a count goes down when a
 * message is deleted, or read in another window.
 */

export class Unread {
  #ids = new Set(); /* in the order in which they came */
  #unseen = new Set();

  get unread() {
    return this.#ids.size;
  }

  get unseen() {
    return this.#unseen.size;
  }

  add(id, hidden) {
    this.#ids.add(id);
    if (hidden) this.#unseen.add(id);
  }

  /* The tab is as it is now: who sees it has seen, and at the end has read. */
  look({ atEnd, hidden }) {
    if (hidden) return;
    this.#unseen.clear();
    if (atEnd) this.#ids.clear();
  }

  /* Forgets those for which `fits(id)`; returns whether there were any. */
  drop(fits) {
    const before = this.#ids.size + this.#unseen.size;
    for (const ids of [this.#ids, this.#unseen])
      for (const id of ids) if (fits(id)) ids.delete(id);
    return this.#ids.size + this.#unseen.size < before;
  }

  /* After a new picture: what is no longer in it, or deleted, is not unread. */
  keepThoseIn(messages) {
    const there = new Set(messages.filter((one) => !one.deleted_at).map(({ id }) => id));
    const oldest = messages[0]?.id ?? 0;
    this.drop((id) => id >= oldest && !there.has(id));
  }

  /* The lowest of those for which `fits(id)`, or undefined. */
  first(fits) {
    return [...this.#ids].filter(fits).sort((one, other) => one - other)[0];
  }
}
