/*
 * The rights as the program's own tables state them (api/rights.def and
 * api/routes.def): CELLS has one entry for each route, each way to use it and
 * each kind of caller.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
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

export const PROBLEMS = problemsOf(read("db/problem.def"));
export const { columns: COLUMNS, classes: CLASSES } = rightsOf(read("api/rights.def"));
export const USES = usesOf(read("api/routes.def"));

/* The cell for USE and a kind of caller: null if it is allowed, or the problem. */
export function refusal(use, column) {
  const cell = CLASSES[use.who][column];
  return cell === "OK" ? null : PROBLEMS[cell];
}
