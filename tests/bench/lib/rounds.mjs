/*
 * Rounds: each runs every arm of a scenario once, in a rotating order, and
 * records everything that must never happen.
 *
 * An arm is one program under one load:
 *
 *   { name, form, start, options }      a candidate, started afresh each time
 *   { name, form, start, measure }      ... with measure(candidate, bench, round)
 *                                       instead of the load generator
 *
 * Arms of a scenario that is `standing` are started once, before the rounds.
 */
import { CANDIDATES } from "./candidates.mjs";
import { load, standing } from "./load.mjs";
import { sync } from "./machine.mjs";
import { turned } from "./table.mjs";

const WRONG = ["failed", "lost", "duplicated", "late", "strayed"];
const OURS = ["parlor", "apache"];

export const isOurs = ({ form }) => OURS.includes(form);

/* The arms that compare the build of this tree with that in DIR. */
export function both(arms, dir) {
  return arms.filter(isOurs).flatMap((arm) => [arm, { ...arm, name: `${arm.name}, base`, build: dir }]);
}

/*
 * Two builds are measured in short slices, in turns, while both are running and
 * all readers stay open: what else happens on the machine meets both.
 */
const SLICE = { warm: 300, measure: 1000 };
const IDLE_MS = 2000;

export class Bench {
  constructor({ quick = false, rounds, base = null }) {
    Object.assign(this, { quick, rounds, base, wrong: [], samples: {}, syncs: {} });
  }

  /* MS for the full run, less for the quick one and for two builds. */
  time(ms) {
    if (this.quick) return Math.min(ms, 1000);
    return this.base ? Math.min(ms, IDLE_MS) : ms;
  }

  /* Records each candidate that loses a message or delivers it twice. */
  check(what, arm, result) {
    const said = WRONG.filter((kind) => result[kind] > 0).map((kind) => `${result[kind]} ${kind}`);
    if (said.length) this.wrong.push({ what, name: arm.name, said: said.join(", "), ours: isOurs(arm) });
  }

  keep(what, arm, result) {
    this.check(what, arm, result);
    ((this.samples[what] ??= {})[arm.name] ??= []).push(result);
  }

  start({ form, start = {}, pinned = true, build }) {
    return CANDIDATES[form]({ cpu: pinned ? 0 : null, build, ...start });
  }

  options(arm) {
    const options = { ...arm.options };
    for (const name of ["measure", "idle"]) if (options[name]) options[name] = this.time(options[name]);
    return this.base ? { ...options, ...SLICE, slices: this.rounds } : options;
  }

  async measure(candidate, arm, round) {
    if (candidate.slices) return candidate.slices.next();
    if (arm.measure) return arm.measure(candidate, this, round);
    return load(candidate, this.options(arm), arm.pinned === false ? null : 1).result();
  }

  async once(scenario, arm, round, ready) {
    process.stderr.write(`${scenario.name}: ${arm.name}, round ${round + 1} of ${this.rounds}\n`);
    (this.syncs[scenario.name] ??= []).push(sync());
    const candidate = ready.get(arm) ?? (await this.start(arm));
    try {
      this.keep(scenario.name, arm, await this.measure(candidate, arm, round));
    } finally {
      if (!ready.has(arm)) await candidate.end();
    }
  }

  async prepare(arm, ready) {
    const candidate = await this.start(arm);
    ready.set(arm, candidate);
    if (arm.measure) return;
    candidate.slices = await standing(candidate, this.options(arm), arm.pinned === false ? null : 1);
  }

  /* Runs all rounds of a scenario; what breaks it off is recorded. */
  async run(scenario) {
    const arms = this.base ? both(scenario.arms, this.base.dir) : scenario.arms;
    const ready = new Map();
    try {
      for (const arm of arms) if (scenario.standing || (this.base && !arm.measure)) await this.prepare(arm, ready);
      for (let round = 0; round < this.rounds; round++)
        for (const arm of turned(arms, round)) await this.once(scenario, arm, round, ready);
    } catch (error) {
      this.wrong.push({ what: scenario.name, name: "broken off", said: error.message, ours: true });
    } finally {
      for (const candidate of ready.values()) {
        await candidate.slices?.end();
        await candidate.end();
      }
    }
  }
}
