import assert from "node:assert/strict";
import { test } from "node:test";
import { wrongIncludes } from "./lib/arrows.mjs";
import { files, text } from "./lib/tree.mjs";

const GOOD = {
  "db/base/buf.c": '#include "db/base/buf.h"\n#include <string.h>\n',
  "db/messages.c": '#include <sqlite3.h>\n#include "db/base/buf.h"\n#include "db/kinds.def"\n',
  "api/door.c": '#include <fcgiapp.h>\n#include "api/api.h"\n#include "db/db.h"\n',
  "poller/embed.c": '#include <microhttpd.h>\n#include "api/api.h"\n#include "poller/http.h"\n',
  "tests/unit/a.c": '#include <cmocka.h>\n#include <sqlite3.h>\n#include "poller/hub.h"\n',
};

const BAD = {
  "db/base/buf.c": ['#include "db/db.h"', "#include <jansson.h>", "#include <sqlite3.h>"],
  "db/messages.c": ['#include "api/api.h"', '#include "poller/hub.h"', "#include <microhttpd.h>", "#include <fcgiapp.h>"],
  "api/rooms.c": ['#include "poller/hub.h"', "#include <sqlite3.h>", "#include <sodium.h>", "#include <curl/curl.h>"],
  "poller/hub.c": ['#include "api/api.h"', "#include <sqlite3.h>", "#include <jansson.h>", '#include "hub.h"'],
  "poller/embed.c": ['#include "api/route.h"', "#  include <fcgi_stdio.h>"],
  "extra/a.c": ['#include "db/db.h"'],
};

test("tree: the check of the include arrows passes what is drawn and nothing else", () => {
  for (const [file, lines] of Object.entries(GOOD)) assert.deepEqual(wrongIncludes(file, lines), []);
  for (const [file, lines] of Object.entries(BAD))
    for (const line of lines) assert.equal(wrongIncludes(file, `${line}\n`).length, 1, `${file}: ${line}`);
});

test("tree: every include of every C file follows the arrows", () => {
  const sources = files(/\.(c|h|def)$/);
  assert.ok(sources.length > 40, `${sources.length} files`);
  assert.deepEqual(sources.flatMap((file) => wrongIncludes(file, text(file))), []);
});
