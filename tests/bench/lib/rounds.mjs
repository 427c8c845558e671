/*
 * Rounds: each runs every candidate once, started afresh, in a rotating order,
 * and records everything that must never happen.
 */
import { CANDIDATES } from "./candidates.mjs";
import { load } from "./load.mjs";

const WRONG = ["failed", "lost", "duplicated", "late", "strayed"];

export class Bench {
  constructor({ quick, rounds }) {
    Object.assign(this, { quick, rounds, rows: [], wrong: [], samples: {} });
  }

  /* MS for the full run, less for the quick one. */
  time(ms) {
    return this.quick ? Math.min(ms, 1000) : ms;
  }

  row(id, what, target, reached, ok, ratio) {
    this.rows.push({ id, what, target, reached, ok, ratio });
  }

  /* Names each candidate that loses a message or delivers it twice. */
  check(what, name, result) {
    const said = WRONG.filter((kind) => result[kind] > 0).map((kind) => `${result[kind]} ${kind}`);
    if (said.length) this.wrong.push({ what, name, said: said.join(", "), ours: name === "parlor" || name === "apache" });
  }

  keep(what, name, result) {
    this.check(what, name, result);
    ((this.samples[what] ??= {})[name] ??= []).push(result);
  }

  async once(what, name, options, { pinned = true, start = {} } = {}) {
    const candidate = await CANDIDATES[name]({ cpu: pinned ? 0 : null, ...start });
    try {
      this.keep(what, name, await load(candidate, options, pinned ? 1 : null).result());
    } finally {
      await candidate.end();
    }
  }

  /* {name: [a result of each round]}. */
  async compare(what, names, options, places) {
    for (let round = 0; round < this.rounds; round++) {
      const turned = names.map((_, i) => names[(i + round) % names.length]);
      for (const name of turned) {
        process.stderr.write(`${what}: ${name}, round ${round + 1} of ${this.rounds}\n`);
        await this.once(what, name, options, places);
      }
    }
    return this.samples[what];
  }
}

/* The median over the rounds of the ratio of ours to theirs in each round. */
export function ratios(ours, theirs, of) {
  return ours.map((one, i) => of(one) / of(theirs[i]));
}
