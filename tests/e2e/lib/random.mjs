/*
 * Chance that can be had again: the same seed and name draw the same numbers,
 * whatever else goes on.
 */
import { createHash } from "node:crypto";

const RANGE = 2 ** 32;

export class Random {
  #state;

  constructor(seed, name) {
    this.#state = createHash("sha256").update(`${seed}/${name}`).digest().readUInt32LE(0);
  }

  /* 0 to 1 without 1: mulberry32. */
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

/* The element of LIST that DRAW, 0 to 1, falls on. */
export function pick(list, draw) {
  return list[Math.floor(draw * list.length)];
}

/* The same where [WEIGHT, VALUE] are given. */
export function weighed(table, draw) {
  let rest = draw * table.reduce((sum, [weight]) => sum + weight, 0);
  return table.find(([weight]) => (rest -= weight) < 0)[1];
}
