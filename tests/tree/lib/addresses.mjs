/* The addresses below the page's folder: what a short address of a room must not hide. */
import { aliasesOf } from "./answers.mjs";

const first = (path) => path.split("/")[1].split(/[?.]/)[0];

/* The first segments of all routes of SOURCES, and the names of the page's files. */
export function ownNames(sources, pageFiles) {
  const api = [...sources["api/routes.def"].matchAll(/^ROUTE\(\w+,\s*"([^"]+)"/gm)].map(([, path]) => path);
  const poller = [...sources["poller/main.c"].matchAll(/^\t\{ "(\/\w+)", SERVER_/gm)].map(([, path]) => path);
  const aliases = aliasesOf(sources["api/http/aliases.def"]).flatMap(({ path, target }) => [path.replace("/{room}", ""), target]);
  const mount = /MOUNT_PREFIX "(\/\w+)/.exec(sources["api/http/mount.h"])[1];
  const names = [...api, ...poller, ...aliases.filter(Boolean), mount].map(first);
  const files = pageFiles.map((file) => file.split("/")[1]);
  return [...new Set([...names, ...files])].sort();
}

/* Could be the id of a room. */
const isId = (name) => /^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/.test(name);

export function reservedIds(source) {
  const [, list] = /\breserved\[\] = \{([^}]*)\}/.exec(source);
  return [...list.matchAll(/"([^"]+)"/g)].map(([, id]) => id);
}

/* What is wrong with NAMES, the IDS that are reserved, and the document of addresses. */
export function strangeAddresses(names, ids, document, aliases) {
  const [, listed] = /^## Reserved ids\n\n([^]*?)\n\n/m.exec(`${document}\n\n`);
  const told = [...listed.matchAll(/`([a-z0-9-]+)`/g)].map(([, id]) => id);
  return [
    ...names.filter((name) => isId(name) && !ids.includes(name)).map((name) => `${name} is not reserved`),
    ...ids.filter((id) => !told.includes(id)).map((id) => `${id} is not documented`),
    ...told.filter((id) => !ids.includes(id)).map((id) => `${id} is documented, but not reserved`),
    ...aliases.filter(({ method, path }) => !document.includes(`| \`${path}\`${method === "GET" ? "" : ` (${method})`} |`))
      .map(({ method, path }) => `${method} ${path} is not documented`),
  ];
}
