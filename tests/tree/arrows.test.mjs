import assert from "node:assert/strict";
import { test } from "node:test";
import { wrongIncludes } from "./lib/arrows.mjs";
import { files, text } from "./lib/tree.mjs";

const GOOD = {
  "db/base/buf.c": '#include "db/base/buf.h"\n#include <string.h>\n',
  "db/engine/sqlite/stmt.c": '#include <sqlite3.h>\n#include "db/engine/stmt.h"\n',
  "db/rows/messages.c": '#include "db/base/buf.h"\n#include "db/rows/kinds.def"\n#include "db/engine/stmt.h"\n',
  "db/chat/schema.c": '#include "db/rows/sql.h"\n',
  "api/doors/door.c": '#include <unistd.h>\n#include "api/api.h"\n#include "db/engine/db.h"\n',
  "poller/rest_bridge.c": '#include <microhttpd.h>\n#include "api/api.h"\n#include "poller/server.h"\n',
  "tests/unit/a.c": '#include <cmocka.h>\n#include <sqlite3.h>\n#include "poller/hub.h"\n',
};

const BAD = {
  "db/base/buf.c": ['#include "db/engine/db.h"', "#include <jansson.h>", "#include <sqlite3.h>"],
  "db/engine/sqlite/store.c": ['#include "db/rows/rooms.h"', '#include "db/chat/schema.h"'],
  "db/rows/messages.c": ['#include "db/engine/sqlite/connection.h"', "#include <sqlite3.h>", '#include "api/api.h"', '#include "poller/hub.h"', "#include <microhttpd.h>", "#include <fcgiapp.h>"],
  "db/chat/say.c": ['#include "db/engine/stmt.h"', '#include "db/rows/sql.h"'],
  "api/feed/catchup.c": ['#include "db/engine/stmt.h"'],
  "api/handlers/rooms.c": ['#include "poller/hub.h"', "#include <sqlite3.h>", "#include <sodium.h>", "#include <curl/curl.h>"],
  "poller/hub.c": ['#include "api/api.h"', "#include <sqlite3.h>", "#include <jansson.h>", '#include "hub.h"'],
  "poller/rest_bridge.c": ['#include "api/route.h"', "#  include <fcgi_stdio.h>"],
  "extra/a.c": ['#include "db/engine/db.h"'],
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
