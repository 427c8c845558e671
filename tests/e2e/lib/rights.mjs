/*
 * The rights: the program's own tables (api/rights.def, api/routes.def), and
 * the table of docs/RIGHTS.md, which is what the programs must do.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HEADINGS, tableIn } from "../../tree/lib/rights.mjs";
import { TOP } from "./server.mjs";

const read = (file) => readFileSync(join(TOP, file), "utf8");

/* {NAME: {status, code, detail}} */
export function problemsOf(text) {
  const lines = text.matchAll(/^PROBLEM\((\w+),\s*(\d+), "(\w+)", "((?:[^"\\]|\\.)*)"\)/gm);
  return Object.fromEntries([...lines].map(([, name, status, code, detail]) =>
    [name, { status: Number(status), code, detail: JSON.parse(`"${detail}"`) }]));
}

/* {columns: [...], classes: {NAME: {column: cell}}} */
export function rightsOf(text) {
  const columns = /^\/\* +class +(.*) \*\/$/m.exec(text)[1].trim().split(/\s+/);
  const lines = [...text.matchAll(/^RIGHT\(([^)]*)\)$/gm)].map(([, all]) => all.split(",").map((cell) => cell.trim()));
  const classes = Object.fromEntries(lines.map(([name, ...cells]) =>
    [name, Object.fromEntries(columns.map((column, i) => [column, cells[i]]))]));
  return { columns, classes };
}

/* [{method, path, how, who}]: HOW is "" or another way to use the route. */
export function usesOf(text) {
  const plain = (path) => path.replace(/:(\w+)/g, "{$1}");
  const routes = [...text.matchAll(/^ROUTE\((\w+),\s*"([^"]+)",\s*(\w+),/gm)]
    .map(([, method, path, who]) => ({ method, path: plain(path), how: "", who }));
  const others = [...text.matchAll(/^ALSO\(\s*(\w+),\s*"([^"]+)",\s*"([^"]+)",\s*(\w+)\)/gm)]
    .map(([, method, path, how, who]) => ({ method, path: plain(path), how, who }));
  return routes.flatMap((route) =>
    [route, ...others.filter(({ method, path }) => method === route.method && path === route.path)]);
}

export const PROBLEMS = problemsOf(read("api/http/problem.def"));
export const { columns: COLUMNS, classes: CLASSES } = rightsOf(read("api/rights.def"));
export const USES = usesOf(read("api/routes.def"));

/* {"GET /rooms": {column: cell}} of the lines of a table. */
function cellsOf([heading, , ...lines]) {
  const split = (line) => line.split("|").slice(1, -1).map((cell) => cell.trim());
  const names = split(heading).slice(1).map((text) => Object.keys(HEADINGS).find((name) => HEADINGS[name] === text));
  return Object.fromEntries(lines.map(split).map(([use, ...cells]) =>
    [use.replaceAll("`", ""), Object.fromEntries(names.map((name, i) => [name, cells[i]]))]));
}

const DOCUMENTED = cellsOf(tableIn(read("docs/RIGHTS.md")));

/*
 * The document's answer to USE by a kind of caller: null if it is allowed, or
 * the problem's status and code, with the words of the program's problem.
 */
export function refusal(use, column) {
  const cell = DOCUMENTED[`${use.method} ${use.path}${use.how && `, ${use.how}`}`][column];
  if (cell === "yes") return null;
  const [, status, code] = /^(\d+) `(\w+)`$/.exec(cell);
  return { status: Number(status), code, detail: PROBLEMS[CLASSES[use.who][column]]?.detail };
}
