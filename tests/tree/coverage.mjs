/*
 * Lists the tests that prove each line of a document:
 *
 *   node tests/tree/coverage.mjs SENTENCES DOCUMENT...
 *
 * SENTENCES holds a line for each test that ran: the part of the tests, a tab,
 * and the runner's own line.  Prints every line of the documents with its
 * tests and the parts that they ran in.  A line, or a way to hear that it
 * names, without a test that passed has failed, and so has a test whose name
 * holds a code that stands in no document.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/* `S2-18`, or `A3`, which may begin the name of a function in C: `A3_...`. */
const NUMBER = /(?<![A-Za-z0-9_])(?:S\d+-\d+|[A-E]\d+)(?![A-Za-z0-9])/g;

const numbersOf = (name) => name.match(NUMBER) ?? [];

/* [{number, title, over: [ways]}] in the order of the document. */
export function promises(document) {
  const rows = document.matchAll(/^\| (S\d+-\d+|[A-E]\d+) \|([^|]*)\|(?:([^|]*)\|)?$/gm);
  return [...rows].map(([, number, title, over = ""]) => ({
    number,
    title: title.trim(),
    over: over.split(" ").filter(Boolean),
  }));
}

/* [{part, passed, name}] of what the runner printed. */
export function outcomes(sentences) {
  return [...sentences.matchAll(/^([^\t\n]+)\t(ok|NOT OK) (.*?)(?: \(\d+ ms\))?$/gm)].map(([, part, verdict, name]) => ({
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
    const tests = ran.filter(({ name, passed }) => passed && numbersOf(name).includes(promise.number));
    const lacks = missing(promise, tests);
    wrong.push(...lacks);
    if (lacks.length === 0) proven += 1;
    lines.push(`${promise.number}  ${tests.length} passed: ${promise.title}`);
    for (const [name, parts] of partsOf(tests)) lines.push(`    ${name}  [${[...parts].join("; ")}]`);
  }
  const known = new Set(promised.map(({ number }) => number));
  for (const number of new Set(ran.flatMap(({ name }) => numbersOf(name))))
    if (!known.has(number)) wrong.push(`${number} is the number of a test, but of no promise`);
  return { lines, wrong, proven };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [sentences, ...documents] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
  const { lines, wrong, proven } = coverage(documents.flatMap(promises), outcomes(sentences));
  console.log(lines.join("\n"));
  for (const what of wrong) console.log(`NOT OK ${what}`);
  console.log(`${proven} passed, ${wrong.length} failed`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
