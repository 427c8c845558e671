/*
 * Which test proves which behaviour:
 *
 *   node tests/tree/coverage.mjs docs/BEHAVIOURS.md SENTENCES
 *
 * SENTENCES holds a line for each test that ran: the part of the tests, a tab,
 * and the runner's own line.  Prints every number with its tests and the parts
 * that they ran in; a number, or a way to hear that it names, without a test
 * that passed has failed, and so has a test of a number that nobody promised.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const NUMBER = /\bS\d+-\d+\b/g;

/* [{number, over: [ways]}] in the order of the document. */
export function promises(document) {
  return [...document.matchAll(/^\| (S\d+-\d+) \|[^|]*\|([^|]*)\|$/gm)].map(([, number, over]) => ({
    number,
    over: over.split(" ").filter(Boolean),
  }));
}

/* [{part, passed, name}] of what the runner printed. */
export function outcomes(sentences) {
  return [...sentences.matchAll(/^([^\t\n]+)\t(ok|NOT OK) (.*) \(\d+ ms\)$/gm)].map(([, part, verdict, name]) => ({
    part,
    passed: verdict === "ok",
    name,
  }));
}

function missing({ number, over }, tests) {
  if (tests.length === 0) return [`${number} is proven by no test`];
  const heard = (way) => tests.some(({ name }) => name.split(/\W+/).includes(way));
  return over.filter((way) => !heard(way)).map((way) => `${number} is proven by no test over ${way}`);
}

/* In which parts each test ran. */
function partsOf(tests) {
  const parts = new Map();
  for (const { name, part } of tests) parts.set(name, (parts.get(name) ?? new Set()).add(part));
  return parts;
}

/* {lines: of the table, wrong: [what is missing], proven: how many numbers}. */
export function coverage(promised, ran) {
  const lines = [];
  const wrong = [];
  let proven = 0;
  for (const promise of promised) {
    const tests = ran.filter(({ name, passed }) => passed && (name.match(NUMBER) ?? []).includes(promise.number));
    const lacks = missing(promise, tests);
    wrong.push(...lacks);
    if (lacks.length === 0) proven += 1;
    lines.push(`${promise.number}  ${tests.length} passed`);
    for (const [name, parts] of partsOf(tests)) lines.push(`    ${name}  [${[...parts].join("; ")}]`);
  }
  const known = new Set(promised.map(({ number }) => number));
  for (const number of new Set(ran.flatMap(({ name }) => name.match(NUMBER) ?? [])))
    if (!known.has(number)) wrong.push(`${number} is the number of a test, but of no promise`);
  return { lines, wrong, proven };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [document, sentences] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
  const { lines, wrong, proven } = coverage(promises(document), outcomes(sentences));
  console.log(lines.join("\n"));
  for (const what of wrong) console.log(`NOT OK ${what}`);
  console.log(`${proven} passed, ${wrong.length} failed`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
