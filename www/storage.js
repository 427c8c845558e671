/*
 * storage: what the page remembers, for the tab's session or on the device.
 *
 * A browser may forbid storage (cookies blocked, a sandboxed frame): then
 * things are remembered until the page is left, and the chat still works.
 */

class Memory {
  #kept = new Map(); /* what the browser would not take, and nothing else */
  #area;

  constructor(area) {
    this.#area = area;
  }

  /* What was kept under `key`, or null. */
  recall(key) {
    const text = this.#kept.get(key) ?? this.#storage?.getItem(key);
    return text ? JSON.parse(text) : null;
  }

  keep(key, value) {
    const text = JSON.stringify(value);
    try {
      globalThis[this.#area].setItem(key, text);
      this.#kept.delete(key);
    } catch {
      this.#kept.set(key, text); /* forbidden, or full */
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
