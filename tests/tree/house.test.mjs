/* The plan of the house: each rule, and that it notices when it is broken. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { circles, holdsSql, holdsSqlite, httpWords, longFile, sharedTables, uses, writingFunctions } from "./lib/house.mjs";
import { files, text } from "./lib/tree.mjs";

const sources = (pattern) => files(pattern).map((file) => [file, text(file)]);
const C = /^(api|poller|db)\/.*\.(c|h|def)$/;
const SQL_MAY = /^db\/(rows|engine)\//;
const SQLITE_MAY = /^db\/engine\/sqlite\//;
/* The command is for people, settings name what they are for, and an origin begins with its scheme. */
const HTTP_MAY = /^db\/(admin\/|base\/settings\.def$|base\/origins\.[ch]$)/;

test("house: no files include each other in a circle", () => {
  const a = ["db/a.h", '#include "db/b.h"\n'];
  const b = ["db/b.c", '#include "db/b.h"\n#include "db/c.h"\n'];
  assert.deepEqual(circles([a, b, ["db/c.h", ""]]), []);
  assert.deepEqual(circles([a, b, ["db/c.c", '#include "db/a.h"\n']]), ["db/a <-> db/b <-> db/c"]);
  assert.deepEqual(circles(sources(C)), []);
});

test("house: SQL stands in db/rows and db/engine alone", () => {
  for (const bad of ['x("SELECT a"\n\t" FROM b");', 'x("DELETE FROM a");', 'run("UPDATE a SET b = 1");', 'x("PRAGMA y");'])
    assert.ok(holdsSql(bad), bad);
  for (const good of ['log("select a room from the list");', "/* SELECT a FROM b */", 'say("Update it");']) assert.ok(!holdsSql(good), good);
  assert.deepEqual(sources(C).filter(([file, source]) => !SQL_MAY.test(file) && holdsSql(source)).map(([file]) => file), []);
});

test("house: SQLite is known in db/engine/sqlite alone", () => {
  assert.ok(holdsSqlite("#include <sqlite3.h>\n"));
  assert.ok(holdsSqlite("\tsqlite3_step(s);\n"));
  assert.ok(!holdsSqlite("/* sqlite3_step(s) */\n"));
  assert.deepEqual(sources(C).filter(([file, source]) => !SQLITE_MAY.test(file) && holdsSqlite(source)).map(([file]) => file), []);
});

test("house: one file writes a table", () => {
  const a = ["a.c", '"INSERT INTO room (id)"\n" VALUES (1)"'];
  assert.deepEqual(sharedTables([a, ["b.c", '"SELECT 1 FROM room"']]), []);
  assert.deepEqual(sharedTables([a, ["b.c", '"UPDATE"\n" room SET x = 1"']]), ["room: a.c b.c"]);
  const all = sources(/^(api|poller|db)\/.*\.[ch]$/);
  assert.ok(sharedTables([...all, ["x.c", '"DELETE FROM room"']]).some((one) => one.endsWith("x.c")));
  assert.deepEqual(sharedTables(all), []);
});

/* A row that is the whole of what the request does; no rule in db/chat stands between. A message may make its room. */
const HANDLERS_WRITE = ["api/handlers/bans.c: bans_lift", "api/handlers/rooms.c: rooms_make", "api/handlers/text.c: rooms_make"];

test("house: what writes a row is called by the rules, not by the API or the poller", () => {
  const row = ["a.c", 'enum { ADD, GET };\nx = {\n\t[ADD] =\n\t    "INSERT INTO room (id)",\n\t[GET] = "SELECT 1",\n};\nint\nrooms_add(void)\n{\n\trun(ADD);\n}\nint\nrooms_get(void)\n{\n\trun(GET);\n}\n'];
  assert.deepEqual(writingFunctions([row]), ["rooms_add"]);
  assert.deepEqual(uses("x = { rooms_add }; /* rooms_get */", ["rooms_add", "rooms_get"]), ["rooms_add"]);
  const names = writingFunctions(sources(/^db\/rows\/.*\.c$/)).filter((name) => name.includes("_"));
  assert.ok(names.length > 60);
  const found = sources(/^(api|poller)\/.*\.c$/).flatMap(([file, source]) => uses(source, names).map((name) => `${file}: ${name}`));
  assert.deepEqual(found, HANDLERS_WRITE);
});

test("house: nothing in db/ speaks of HTTP", () => {
  for (const bad of ["/* the header Cookie */", 'x("Set-Cookie")', "int sse;", "/* an HTTP status */"]) assert.equal(httpWords(bad).length, 1, bad);
  assert.deepEqual(httpWords('#include "api/http/x.h"\nint session;\n'), []);
  const found = sources(/^db\/.*\.(c|h|def)$/).filter(([file]) => !HTTP_MAY.test(file))
    .flatMap(([file, source]) => httpWords(source).map((line) => `${file}: ${line}`));
  assert.deepEqual(found, []);
});

test("house: no file is longer than 500 lines", () => {
  assert.ok(!longFile("x\n".repeat(500)));
  assert.ok(longFile("x\n".repeat(501)));
  const own = files(/\.(c|h|def|m?js|css)$/);
  assert.ok(own.length > 300);
  assert.deepEqual(own.filter((file) => longFile(text(file))), []);
});
