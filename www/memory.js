/*
 * memory: what the page remembers for the tab's session.
 *
 * A browser may forbid storage (cookies blocked, a sandboxed frame): then
 * things are remembered until the page is left, and the chat still works.
 */

const kept = new Map();

function storage() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}

/* What was kept under `key`, or null. */
export function recall(key) {
  const text = storage()?.getItem(key) ?? kept.get(key);
  return text === undefined ? null : JSON.parse(text);
}

export function keep(key, value) {
  const text = JSON.stringify(value);
  kept.set(key, text);
  try {
    storage()?.setItem(key, text);
  } catch {
    /* Storage is full: the copy above lives as long as the page does. */
  }
}

export function drop(key) {
  kept.delete(key);
  storage()?.removeItem(key);
}
