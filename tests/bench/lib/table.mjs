/* Medians, and the table that is printed and put into the document. */
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

export function number(value) {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}

const HEAD = ["id", "what", "target", "reached", "to nchan", "verdict"];

function cells({ id, what, target, reached, ratio, ok }) {
  const verdict = ok === null ? "-" : ok ? "met" : "missed";
  return [id, what, target, reached, ratio ?? "-", verdict];
}

export function plain(rows) {
  const table = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, i) => Math.max(...table.map((row) => row[i].length)));
  return table.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join(" | ").trimEnd()).join("\n");
}

function markdown(rows) {
  const line = (row) => `| ${row.join(" | ")} |`;
  return [line(HEAD), line(HEAD.map(() => "---")), ...rows.map((row) => line(cells(row)))].join("\n");
}

function described(machine) {
  return Object.entries(machine).map(([name, value]) => `| ${name.replaceAll("_", " ")} | ${value} |`).join("\n");
}

const BEGIN = "<!-- written by make bench: begin -->";
const END = "<!-- written by make bench: end -->";

/* Puts the result between the two marks of a document. */
export async function put(file, { machine, rounds, rows }) {
  const text = await readFile(file, "utf8");
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${file} has no place for the table`);
  const middle = `| the machine | |\n|---|---|\n${described(machine)}\n\nMedians of ${rounds} rounds.\n\n${markdown(rows)}`;
  await writeFile(file, `${before}${BEGIN}\n${middle}\n${END}${after}`);
}
