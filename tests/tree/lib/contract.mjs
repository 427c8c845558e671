/* The contract as each place that has it tells it. */
const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];

/* Names of parameters are nobody's business: /rooms/{}/messages. */
function plain(path) {
  return path.replace(/:[a-z_]+|\{[a-z_]+\}/g, "{}");
}

export function routesOfDef(text) {
  const lines = text.matchAll(/^ROUTE\(\s*([A-Z]+)\s*,\s*"([^"]+)"/gm);
  return [...lines].map(([, method, path]) => `${method} ${plain(path)}`);
}

export function contractRoutes(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${plain(path)}`));
}

export function kindsOfDef(text) {
  return [...text.matchAll(/^KIND\(\s*\w+\s*,\s*"([a-z_]+)"\s*\)/gm)].map(([, kind]) => kind);
}

/* The first column of tables, where it is a name in code. */
export function kindsOfDocument(text) {
  return [...text.matchAll(/^\|\s*`([a-z_]+)`/gm)].map(([, kind]) => kind);
}
