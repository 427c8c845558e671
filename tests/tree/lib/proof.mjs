/*
 * Tests that cannot fail, and tests that wait for time alone, read out of their
 * sources.
 *
 * A test can fail if it asserts something itself, waits for a condition, or
 * calls a function of its own file, or a check of the libraries, that does.
 * Helpers that only set the scene (joining, posting) do not count.
 */
import { parse } from "acorn";
import { nodes } from "./functions.mjs";

const ASSERTING = new Set(["assert", "until", "within"]);
const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const CLOCKS = new Set(["performance", "Date"]);

const treeOf = (text) => parse(text, { ecmaVersion: "latest", sourceType: "module" });

/* `f` of f(), `m` of x.m(), and `x` of it as well, for assert.equal(). */
function calledBy(node) {
  const names = new Set();
  for (const { type, callee } of nodes(node)) {
    if (type !== "CallExpression") continue;
    if (callee.type === "Identifier") names.add(callee.name);
    if (callee.type !== "MemberExpression") continue;
    if (callee.object.type === "Identifier" && callee.object.name === "assert") names.add("assert");
    if (callee.property.type === "Identifier") names.add(callee.property.name);
  }
  return names;
}

/* {name: node} of the functions, methods and constants in TREE. */
function named(tree) {
  const found = new Map();
  for (const node of nodes(tree)) {
    if (node.type === "FunctionDeclaration") found.set(node.id.name, node);
    if (node.type === "VariableDeclarator" && node.id.type === "Identifier" && node.init) found.set(node.id.name, node.init);
    if (node.type === "MethodDefinition" && node.key.name) found.set(node.key.name, node.value);
  }
  return found;
}

/* The functions of a library that can fail, directly or through one another. */
export function checksOf(text) {
  const all = named(treeOf(text));
  const checks = new Set();
  const fails = (node) => [...calledBy(node)].some((name) => ASSERTING.has(name) || checks.has(name))
    || [...nodes(node)].some(({ type }) => type === "ThrowStatement");
  for (let before = -1; before !== checks.size;) {
    before = checks.size;
    for (const [name, node] of all) if (fails(node)) checks.add(name);
  }
  return checks;
}

/* [{name, body}]: calls with a name and a function, f("name", ..., () => {}). */
function testsIn(tree) {
  const isName = (node) => node?.type === "TemplateLiteral" || node?.type === "Literal" && typeof node.value === "string";
  return [...nodes(tree)]
    .filter(({ type, callee }) => type === "CallExpression" && ["test", "sentence", "told"].includes(callee.name))
    .filter(({ arguments: given }) => isName(given[0]) && given.length > 1)
    .map(({ arguments: [first, ...rest] }) => ({ name: first.value ?? first.quasis.map(({ value }) => value.raw).join("…"), body: rest }));
}

/* The tests in TEXT that cannot fail; CHECKS: names of the libraries' checks. */
export function cannotFail(text, checks) {
  const tree = treeOf(text);
  const own = named(tree);
  const fails = (node, seen) => [...calledBy(node), ...passedOn(node)].some((name) => {
    if (ASSERTING.has(name) || checks.has(name)) return true;
    if (!own.has(name) || seen.has(name)) return false;
    return fails(own.get(name), new Set([...seen, name]));
  });
  return testsIn(tree).filter(({ body }) => !fails(body, new Set())).map(({ name }) => name);
}

/* Functions that are handed on by name: test("x", play), all.forEach(check). */
function passedOn(node) {
  const calls = [...nodes(node)].filter(({ type }) => type === "CallExpression");
  const given = [node, ...calls.map(({ arguments: given }) => given)].flat();
  return given.filter(({ type }) => type === "Identifier").map(({ name }) => name);
}

/* True if NODE looks at a clock and calls nothing else. */
function looksAtTimeAlone(node) {
  const calls = [...nodes(node)].filter(({ type }) => type === "CallExpression");
  const isClock = ({ callee }) => callee.type === "MemberExpression"
    && (CLOCKS.has(callee.object.name) || callee.object.name === "Math");
  return calls.length > 0 && calls.every(isClock);
}

/* Where TEXT waits for time and nothing else. */
export function waitsForTime(text) {
  const all = [...nodes(treeOf(text))];
  const imports = all.filter(({ type, source }) => type === "ImportDeclaration" && source.value === "node:timers/promises");
  const calls = all.filter(({ type }) => type === "CallExpression");
  const elapsed = calls.filter(({ callee, arguments: [condition] }) =>
    callee.name === "until" && FUNCTIONS.has(condition?.type) && looksAtTimeAlone(condition.body));
  const slept = all.filter(({ type, callee, arguments: given }) => type === "NewExpression" && callee.name === "Promise"
    && [...calledBy(given)].some((name) => name === "setTimeout"));
  const paused = calls.filter(({ callee }) => callee.property?.name === "waitForTimeout" || callee.name === "letPass");
  return [...imports, ...elapsed, ...slept, ...paused].map(({ start, end }) => text.slice(start, end).split("\n")[0]);
}

/* {name: body} of the functions in a C file. */
function functionsOfC(text) {
  const found = text.matchAll(/^([a-zA-Z_0-9]+)\([^;{]*?\)\n\{\n([\s\S]*?)^\}/gm);
  return new Map([...found].map(([, name, body]) => [name, body]));
}

/* The tests in a cmocka program that cannot fail; HELPERS: the text of its headers. */
export function cannotFailC(text, helpers = "") {
  const all = new Map([...functionsOfC(helpers), ...functionsOfC(text)]);
  const main = all.get("main") ?? "";
  const tests = [...all.keys()].filter((name) => name !== "main" && new RegExp(`\\(\\s*${name}\\b`).test(main));
  const fails = (name, seen) => /\b(assert_[a-z_]+|fail|fail_msg)\(/.test(all.get(name))
    || [...all.get(name).matchAll(/\b[a-zA-Z_0-9]+\b/g)].some(([other]) =>
      all.has(other) && !seen.has(other) && fails(other, new Set([...seen, other])));
  return tests.filter((name) => !fails(name, new Set([name])));
}
