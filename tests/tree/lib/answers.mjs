/*
 * The answers that each route can give, read out of the source: the problems
 * and statuses in the handler, in every function that it names, in those that
 * they name, and so on.
 */
const API = ["api/", "db/"];
const POLLER = ["poller/", "api/http/", "db/"];
const API_HOME = "api/routes.def";
const POLLER_HOME = "poller/main.c";
const ALIASES = "api/http/aliases.def";

/* A function that names one of these can answer so; their own source is not read. */
const ANSWERERS = {
  reply_field: [422], reply_problem: [], reply_json: [], reply_empty: [], reply_done: [], exchange_problem: [], exchange_reply: [],
  exchange_text: [200], access_write: [500, 503, 507], reply_db: [500, 503, 507], reply_if: [500, 503, 507], problem_of: [500, 503, 507],
};

/* [{name, file, own, body}] of a C file; OWN: static. */
function functionsOf(file, text) {
  const found = text.matchAll(/^(.*)\n([a-z_0-9]+)\([^;{]*?\)\n\{\n([\s\S]*?)^\}/gm);
  return [...found].map(([, type, name, body]) => ({ name, file, own: type.startsWith("static"), body }));
}

/* SOURCES: {file: text} of the program; the functions that HANDLER, known in HOME, reaches, and the answerers. */
function reached(sources, folders, home, handler) {
  const files = Object.keys(sources).filter((file) => folders.some((folder) => file.startsWith(folder)));
  const all = files.flatMap((file) => functionsOf(file, sources[file]));
  const find = (name, file) => all.find((f) => f.name === name && (f.file === file || !f.own));
  const seen = new Set([find(handler, home)]);
  const answerers = new Set();
  for (const { file, body } of seen)
    for (const [name] of body.matchAll(/\b[a-z][a-z_0-9]*\b/g)) {
      const called = find(name, file);
      if (name in ANSWERERS) answerers.add(name);
      else if (called) seen.add(called);
    }
  return { functions: [...seen], answerers: [...answerers] };
}

/* {NAME: {status, code}} of api/http/problem.def. */
export function problemsOfDef(text) {
  const lines = text.matchAll(/^PROBLEM\((\w+),\s*(\d+), "(\w+)"/gm);
  return Object.fromEntries([...lines].map(([, name, status, code]) => [name, { status: Number(status), code }]));
}

function statusesOf(sources, folders, home, handler) {
  const problems = problemsOfDef(sources["api/http/problem.def"]);
  const { functions, answerers } = reached(sources, folders, home, handler);
  const named = functions.flatMap(({ body }) => [...body.matchAll(/\bPROBLEM_(\w+)/g)].map(([, name]) => name));
  const good = functions.filter(({ file }) => !file.startsWith("db/")).flatMap(({ body }) =>
    [...body.replaceAll("MHD_HTTP_OK", "200").matchAll(/\b20\d\b/g)].map(([status]) => Number(status)));
  return [
    ...good, ...answerers.flatMap((name) => ANSWERERS[name]),
    ...named.filter((name) => name in problems).map((name) => problems[name].status),
  ];
}

/* The statuses that the dispatcher answers before a handler runs (api/api.c). */
function dispatched({ method, path, who, body }) {
  return [
    400, 401, 403, 500, 503, 507,
    ...(path.includes(":") ? [404] : []),
    ...(method === "GET" ? [] : [413]),
    ...(body > 0 || method !== "GET" ? [415] : []),
  ];
}

/* Named on the way, but never the answer: an expired room is heard without entering it. */
const NEVER = { "GET /events": [410], "GET /{}/raw": [410] };

const plain = (path) => path.replace(/:[a-z_]+|\{[a-z_]+\}/g, "{}");

function apiRoutes(def) {
  const lines = def.matchAll(/^ROUTE\((\w+),\s*"([^"]+)",\s*(\w+),\s*(\d+),\s*(\w+)\)/gm);
  return [...lines].map(([, method, path, who, body, handler]) => ({ method, path, who, body: Number(body), handler }));
}

function pollerRoutes(text) {
  const lines = text.matchAll(/^\t\{ "(\/\w+)", SERVER_\w+, SERVER_READS, (\w+) \},$/gm);
  return [...lines].map(([, path, handler]) => ({ path, handler }));
}

/* [{method, path, target}]: the short addresses. */
export function aliasesOf(def) {
  const lines = def.matchAll(/^ALIAS\((\w+),\s*"([^"]+)",\s*"([^"?]+)[^"]*"\)/gm);
  return [...lines].map(([, method, path, target]) => ({ method, path, target }));
}

/* A short address has the answers of its target, whichever program gives them. */
function answersOfAliases(sources, api, poller) {
  return aliasesOf(sources[ALIASES] ?? "").map(({ method, path, target }) => {
    const name = `${method} ${plain(target.replace("/api/v1", ""))}`;
    return [`${method} ${plain(path)}`, [...api, ...poller].filter(([one]) => one === name).flatMap(([, statuses]) => statuses)];
  });
}

/* {"/api/v1": {"GET /rooms": Set of statuses}, "/": …}: by server, then by operation. */
export function answersOfProgram(sources) {
  const api = apiRoutes(sources[API_HOME]).map((route) => [
    `${route.method} ${plain(route.path)}`, [...dispatched(route), ...statusesOf(sources, API, API_HOME, route.handler)]]);
  const poller = pollerRoutes(sources[POLLER_HOME]).map(({ path, handler }) => [
    `GET ${path}`, [400, ...statusesOf(sources, POLLER, POLLER_HOME, handler)]]);
  const aliases = answersOfAliases(sources, api, poller);
  const tidy = ([name, statuses]) => [name, new Set(statuses.filter((status) => !NEVER[name]?.includes(status)))];
  return { "/api/v1": Object.fromEntries(api.map(tidy)), "/": Object.fromEntries([...poller, ...aliases].map(tidy)) };
}

/* The types in which events come. */
export function typesOfEvents(sources) {
  const texts = Object.entries(sources).filter(([file]) => file.startsWith("api/feed/"));
  return texts.flatMap(([, text]) => [...text.matchAll(/^\t\.type = "([a-z]+\/[a-z-]+)(?:; charset=utf-8)?",$/gm)].map(([, type]) => type));
}
