/*
 * Reproducible random numbers: the same seed and name give the same sequence,
 * whatever else happens.
 */
import { createHash } from "node:crypto";

const RANGE = 2 ** 32;

export class Random {
  #state;

  constructor(seed, name) {
    this.#state = createHash("sha256").update(`${seed}/${name}`).digest().readUInt32LE(0);
  }

  /* A number in [0, 1): mulberry32. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / RANGE;
  }

  between(low, high) {
    return low + Math.floor(this.next() * (high - low));
  }
}

/* The element of LIST at DRAW, a number in [0, 1). */
export function pick(list, draw) {
  return list[Math.floor(draw * list.length)];
}

/* The same for a table of [WEIGHT, VALUE]. */
export function weighed(table, draw) {
  let rest = draw * table.reduce((sum, [weight]) => sum + weight, 0);
  return table.find(([weight]) => (rest -= weight) < 0)[1];
}
