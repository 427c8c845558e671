/* Medians and ratios, and the tables that are printed and put into documents. */
import { readFile, writeFile } from "node:fs/promises";

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/* The median, over the rounds, of the value that OF gives for each. */
export function mid(rounds, of) {
  return median(rounds.map(of));
}

/* OURS by THEIRS, round by round. */
export function ratios(ours, theirs, of) {
  return ours.map((one, i) => of(one) / of(theirs[i]));
}

/* LIST, beginning with another element in each round. */
export function turned(list, round) {
  return list.map((_, i) => list[(i + round) % list.length]);
}

/*
 * The highest rate that HOLDS: climbs by FACTOR until one does not, then halves
 * the gap.  0: not even FROM holds.
 */
export async function highest(holds, { from, factor, halvings, most }) {
  let good = 0;
  let bad = Math.round(from);
  while (bad <= most && (await holds(bad))) {
    good = bad;
    bad = Math.round(bad * factor);
  }
  for (let i = 0; good > 0 && i < halvings; i++) {
    const between = Math.round(Math.sqrt(good * bad));
    if (await holds(between)) good = between;
    else bad = between;
  }
  return good;
}

export function number(value) {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}

export function times(value) {
  return `${Number(value.toPrecision(3))} x`;
}

/* Rows of cells as lines with straight columns. */
export function aligned(table) {
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)));
  return table.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join(" | ").trimEnd()).join("\n");
}

const HEAD = ["id", "what", "target", "reached", "to nchan", "verdict"];
const NO_REASON = "not known";

function verdict({ ok, reason }) {
  if (ok === null) return "-";
  return ok ? "met" : `missed (reason: ${reason ?? NO_REASON})`;
}

function cells(row) {
  return [row.id, row.what, row.target, row.reached, row.ratio ?? "-", verdict(row)];
}

export function plain(rows) {
  return aligned([HEAD, ...rows.map(cells)]);
}

export function markdownTable([head, ...rows]) {
  const line = (row) => `| ${row.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function described(machine) {
  return Object.entries(machine).map(([name, value]) => `| ${name.replaceAll("_", " ")} | ${value} |`).join("\n");
}

/* Puts TEXT between the two marks of a document. */
export async function between(file, [begin, end], text) {
  const all = await readFile(file, "utf8");
  const [before, rest] = all.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${file} has no place for the table`);
  await writeFile(file, `${before}${begin}\n${text}\n${end}${after}`);
}

const MARKS = ["<!-- written by make bench: begin -->", "<!-- written by make bench: end -->"];

export async function put(file, { machine, rounds, rows }) {
  const table = markdownTable([HEAD, ...rows.map(cells)]);
  await between(file, MARKS, `| the machine | |\n|---|---|\n${described(machine)}\n\nMedians of ${rounds} rounds.\n\n${table}`);
}
