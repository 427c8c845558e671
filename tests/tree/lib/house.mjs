/*
 * The plan of the C files, beyond the folders that may include each other
 * (arrows.mjs): no circles, SQL and SQLite in their places, one file that
 * writes a table, no HTTP in the store, no long file.
 */

/* A .c and its .h are one node. */
function nodeOf(file) {
  return file.replace(/\.(c|h|def)$/, "");
}

/* The circles of includes among SOURCES ([file, text]), each as "a -> b -> a". */
export function circles(sources) {
  const edges = new Map();
  for (const [file, text] of sources) {
    const from = nodeOf(file);
    if (!edges.has(from)) edges.set(from, new Set());
    for (const [, header] of text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([^"]+)"/gm))
      if (nodeOf(header) !== from) edges.get(from).add(nodeOf(header));
  }
  return [...components(edges)].filter((nodes) => nodes.length > 1).map((nodes) => nodes.sort().join(" <-> "));
}

/* Tarjan's strongly connected components. */
function* components(edges) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node), low.get(next)));
      } else if (stack.includes(next)) {
        low.set(node, Math.min(low.get(node), index.get(next)));
      }
    }
    if (low.get(node) === index.get(node)) found.push(stack.splice(stack.indexOf(node)));
  };
  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  yield* found;
}

const COMMENT = /\/\*[^]*?\*\//g;
const STRING = /"(?:\\.|[^"\\\n])*"/g;

/* The string literals of a C text as one text; neighbors are joined. */
function strings(text) {
  const bare = text.replace(COMMENT, "").replace(/^[ \t]*#[ \t]*include.*$/gm, "");
  return (bare.match(/"(?:\\.|[^"\\\n])*"(?:\s*"(?:\\.|[^"\\\n])*")*/g) ?? [])
    .map((run) => run.match(STRING).map((one) => one.slice(1, -1)).join(""));
}

const SQL = /\b(SELECT\s.+\bFROM\b|SELECT\s+[\d(?]|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|PRAGMA\s|CREATE\s+(TABLE|INDEX)\s|BEGIN\s+IMMEDIATE|SAVEPOINT\s|RELEASE\s)/;

/* Whether a C text holds SQL. */
export function holdsSql(text) {
  return strings(text).some((one) => SQL.test(one));
}

export function holdsSqlite(text) {
  return /^[ \t]*#[ \t]*include[ \t]*<sqlite3/m.test(text) || /\bsqlite3_\w+\s*\(/.test(text.replace(COMMENT, ""));
}

/* The tables that a C text writes. */
export function tablesWritten(text) {
  const writes = /\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM|REPLACE\s+INTO)\s+([a-z_]+)/g;
  return new Set(strings(text).flatMap((one) => [...one.matchAll(writes)].map(([, table]) => table)).filter((table) => table !== "set"));
}

/* ["table: file file"] for tables that more than one of SOURCES writes. */
export function sharedTables(sources) {
  const writers = new Map();
  for (const [file, text] of sources)
    for (const table of tablesWritten(text)) writers.set(table, [...(writers.get(table) ?? []), file]);
  return [...writers].filter(([, files]) => files.length > 1).map(([table, files]) => `${table}: ${files.join(" ")}`);
}

/* The functions of C SOURCES that run a statement which writes: each names the statement in its table. */
export function writingFunctions(sources) {
  return sources.flatMap(([, text]) => {
    const writes = [...text.matchAll(/\[(\w+)\]\s*=\s*"(?:INSERT|UPDATE|DELETE)\b/g)].map(([, statement]) => statement);
    const runs = (body) => writes.some((statement) => new RegExp(`\\b${statement}\\b`).test(body));
    return [...text.matchAll(/^(\w+)\([^{;]*\)\n\{([^]*?)^\}/gm)].filter(([, , body]) => runs(body)).map(([, name]) => name);
  });
}

/* The names among NAMES that a C text uses outside comments. */
export function uses(text, names) {
  const words = new Set(text.replace(COMMENT, "").match(/\w+/g));
  return names.filter((name) => words.has(name));
}

const HTTP = /\b(https?|headers?|cookies?|sse|eventsource|content-type|status code|bearer|user-agent)\b/i;

/* The lines of a C text that speak of HTTP; include lines and the schemes of URLs apart. */
export function httpWords(text) {
  const speaks = (line) => !/^\s*#\s*include/.test(line) && HTTP.test(line.replace(/https?:\/\//g, ""));
  return text.split("\n").filter(speaks).map((line) => line.trim());
}

export const FILE_LINES_MAX = 500;

export function longFile(text) {
  return text.split("\n").length - 1 > FILE_LINES_MAX;
}
