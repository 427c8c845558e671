/*
 * storage: what the page stores, for the tab's session or on the device.
 *
 * A browser may forbid storage (cookies blocked, a sandboxed frame).  Then
 * things are kept until the page is left, and the chat still works.
 */

class Store {
  /** @type {Map<string, string>} only what the browser refused to store */
  #refused = new Map();
  #area;

  /** @param {"sessionStorage" | "localStorage"} area */
  constructor(area) {
    this.#area = area;
  }

  /**
   * What was saved under `key`, or null.
   *
   * @param {string} key
   * @returns {any}
   */
  load(key) {
    const text = this.#refused.get(key) ?? this.#storage?.getItem(key);
    return text ? JSON.parse(text) : null;
  }

  /** @param {string} key @param {any} value */
  save(key, value) {
    const text = JSON.stringify(value);
    try {
      globalThis[this.#area].setItem(key, text);
      this.#refused.delete(key);
    } catch {
      this.#refused.set(key, text); /* forbidden, or full */
    }
  }

  /** @param {string} key */
  remove(key) {
    this.#refused.delete(key);
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

const tab = new Store("sessionStorage");

export const device = new Store("localStorage");

/** @param {string} key @returns {any} */
export const load = (key) => tab.load(key);
/** @param {string} key @param {any} value */
export const save = (key, value) => tab.save(key, value);
/** @param {string} key */
export const remove = (key) => tab.remove(key);
