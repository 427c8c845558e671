/*
 * How long functions are, from the line of the brace that opens the body to
 * that of the one that closes it.  In C both stand in the first column.
 */
import { parse } from "acorn";

export const LINES_MAX = 60;

export function longC(file, text) {
  const found = [];
  let begin = 0;
  text.split("\n").forEach((line, i) => {
    if (line === "{") begin = i + 1;
    if (line.startsWith("}") && begin > 0) {
      if (i + 1 - begin > LINES_MAX) found.push(`${file}:${begin}: ${i + 1 - begin} lines`);
      begin = 0;
    }
  });
  return found;
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/* Every node of a syntax tree. */
export function* nodes(node) {
  if (Array.isArray(node)) {
    for (const one of node) yield* nodes(one);
  } else if (node && typeof node.type === "string") {
    yield node;
    for (const child of Object.values(node)) if (child && typeof child === "object") yield* nodes(child);
  }
}

export function longJs(file, text) {
  const tree = parse(text, { ecmaVersion: "latest", sourceType: "module", locations: true });
  return [...nodes(tree)]
    .filter(({ type }) => FUNCTIONS.has(type))
    .map(({ body }) => ({ begin: body.loc.start.line, lines: body.loc.end.line - body.loc.start.line }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ begin, lines }) => `${file}:${begin}: ${lines} lines`);
}
