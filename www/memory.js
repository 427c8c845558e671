/*
 * memory: what the page remembers, for the tab's session or on the device.
 *
 * A browser may forbid storage (cookies blocked, a sandboxed frame): then
 * things are remembered until the page is left, and the chat still works.
 */

class Memory {
  #kept = new Map();
  #area;

  constructor(area) {
    this.#area = area;
  }

  /* What was kept under `key`, or null. */
  recall(key) {
    const text = this.#storage?.getItem(key) ?? this.#kept.get(key);
    return text === undefined ? null : JSON.parse(text);
  }

  keep(key, value) {
    const text = JSON.stringify(value);
    this.#kept.set(key, text);
    try {
      this.#storage?.setItem(key, text);
    } catch {
      /* Storage is full: the copy above lives as long as the page does. */
    }
  }

  drop(key) {
    this.#kept.delete(key);
    this.#storage?.removeItem(key);
  }

  get #storage() {
    try {
      return globalThis[this.#area];
    } catch {
      return null;
    }
  }
}

const tab = new Memory("sessionStorage");

export const device = new Memory("localStorage");

export const recall = (key) => tab.recall(key);
export const keep = (key, value) => tab.keep(key, value);
export const drop = (key) => tab.drop(key);
