/*
 * The include arrows (docs/ARCHITECTURE.md): who may include whose headers,
 * and which outside library belongs to which folder.
 *
 *   api/main --> api/doors --> api -------+
 *                               ^         |
 *              api/handlers ----+         |
 *                                         v
 *   poller/main --> poller ----------> api/feed --> api/http --> db/chat
 *       (rest_bridge --> api)                                       |
 *                                                                   v
 *   db/admin --------------------------------------------------> db/rows ...
 *                                                                   |
 *                          db/engine/sqlite --> db/engine <---------+
 *
 * The route table alone joins api to its handlers: it declares them, so nothing
 * includes a header of theirs but they themselves.
 */
const ENGINE = ["db/engine", "db/base"];
const TEXT = ["db/text", "db/base"];
const ROWS = ["db/rows", "db/text", ...ENGINE];
const CHAT = ["db/chat", ...ROWS];
const HTTP = ["api/http", ...CHAT];
const FEED = ["api/feed", ...HTTP];
const API = ["api", ...FEED];

/* The folders whose headers the files of a folder may include. */
const MAY = {
  "db/base": ["db/base"],
  "db/text": TEXT,
  "db/engine": ENGINE,
  "db/engine/sqlite": ["db/engine/sqlite", ...ENGINE],
  "db/rows": ROWS,
  "db/chat": CHAT,
  "db/admin": ["db/admin", ...CHAT],
  "api/http": HTTP,
  "api/feed": FEED,
  "api/handlers": ["api/handlers", ...API],
  "api/doors": ["api/doors", ...API],
  api: API,
  poller: ["poller", "poller/proto", ...FEED],
  "poller/proto": ["poller/proto", ...FEED],
  "tests/unit": ["tests/unit", "tests/lib", "tests/load", "api/doors", "poller", "poller/proto", "db/admin", "db/engine/sqlite", ...API],
  "tests/lib": ["tests/lib", "poller", "poller/proto", "db/engine/sqlite", ...API],
  "tests/load": ["tests/load"],
  "tests/harness": [],
};

/* These files have an arrow of their own. */
const ALSO = {
  "poller/rest_bridge.c": ["api/api.h"],
  "api/main.c": ["cgi", "fcgi", "first_run", "supervisor", "worker_handoff"].map((name) => `api/doors/${name}.h`),
  "tests/load/store_floor.c": ["chat/accounts", "chat/members", "chat/say", "chat/schema", "engine/manage", "rows/users"].map((name) => `db/${name}.h`),
};

/* Headers of statements, which only files that hold SQL include, and the file that names all statements to the engine. */
const STATEMENTS = {
  headers: ["db/engine/stmt.h", "db/rows/sql.h", "db/rows/sql.def"],
  folders: ["db/rows", "db/engine", "db/engine/sqlite", "tests/unit"],
  files: ["db/chat/schema.c"],
};

/* The outside libraries, and the folders that may know of each. */
const LIBRARIES = [
  { header: /^microhttpd/, folders: ["poller"] },
  { header: /^sanitizer\//, folders: ["db/base"] },
  { header: /^sqlite3/, folders: ["db/engine/sqlite"] },
  { header: /^jansson/, folders: ["api", "api/http", "api/feed", "api/handlers", "db/rows", "db/chat", "db/admin"] },
  { header: /^sodium/, folders: ["api/http", "db/engine/sqlite", "db/rows", "db/chat", "db/text"] },
  { header: /^jwt\.h/, folders: ["db/chat"] },
  { header: /^unicode\//, folders: ["db/text"] },
  { header: /^cmocka/, folders: ["tests/unit", "tests/lib"] },
];

/* libc, POSIX and Linux: no slash, or one of these folders. */
const SYSTEM = /^(sys|arpa|net|netinet|linux)\/[a-z0-9_]+\.h$|^[a-z0-9_]+\.h$/;
const LIBC = new Set(`assert ctype dirent endian errno fcntl fenv float ftw getopt glob grp inttypes limits locale
  math netdb poll pthread pwd regex sched search semaphore setjmp signal spawn stdalign stdarg stdatomic stdbool stddef
  stdint stdio stdlib stdnoreturn string strings syslog termios threads time uchar ucontext unistd utime wchar wctype err
  features alloca malloc paths dlfcn`.split(/\s+/));

function folderOf(file) {
  return file.slice(0, file.lastIndexOf("/"));
}

function ours(file, header) {
  if ((ALSO[file] ?? []).includes(header)) return null;
  const may = MAY[folderOf(file)];
  if (!may) return `${file}: its folder has no place in the drawing`;
  if (STATEMENTS.headers.includes(header) && !STATEMENTS.folders.includes(folderOf(file)) && !STATEMENTS.files.includes(file))
    return `${file} may not include "${header}": SQL is for db/rows`;
  if (may.includes(folderOf(header)) || header.endsWith(".def") && may.includes(folderOf(header))) return null;
  return `${file} may not include "${header}"`;
}

function outside(file, header) {
  const folder = folderOf(file);
  const library = LIBRARIES.find((one) => one.header.test(header));
  if (library) {
    if (library.folders.includes(folder)) return null;
    return ["tests/unit", "tests/lib"].includes(folder) ? null : `${file} may not include <${header}>: that is for ${library.folders}`;
  }
  const name = header.replace(/\.h$/, "");
  if (SYSTEM.test(header) && (header.includes("/") || LIBC.has(name))) return null;
  return `${file} includes <${header}>, a library that nobody has allowed`;
}

/* The wrong includes of FILE, whose text is TEXT. */
export function wrongIncludes(file, text) {
  const lines = text.matchAll(/^[ \t]*#[ \t]*include[ \t]*(.*)$/gm);
  return [...lines].map(([, what]) => {
    const quoted = /^"([^"]+)"/.exec(what);
    const angled = /^<([^>]+)>/.exec(what);
    if (quoted) return ours(file, quoted[1]);
    if (angled) return outside(file, angled[1]);
    return `${file}: an include that cannot be read: ${what}`;
  }).filter(Boolean);
}
