/*
 * In C one file reads clocks and waits for a time.  So no wait follows the
 * wall clock, and whatever uses wall time is known by the name clock_wall.  On
 * the page that name is wallNow, and the tests' own waits use no wall time.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { files, text } from "./lib/tree.mjs";

const CLOCKS = "db/base/clock.c";
const SOURCES = /^(api|poller|db)\/([a-z]+\/)*[a-z_]+\.(c|h|def)$/;

/* The text of a C file without its comments and strings, line for line. */
function bare(source) {
  const blank = (found) => found.replace(/[^\n]/g, " ");
  return source.replace(/\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, blank);
}

const READS = /\bCLOCK_[A-Z_]+|\b(clock_(gettime|getres|nanosleep)|gettimeofday|ftime|timespec_get|time|mktime|difftime)\s*\(/;
const WAITS = new RegExp(`\\b(${[
  "pthread_cond_(timed|clock)wait\\w*", "pthread_condattr_setclock", "pthread_(mutex|rwlock)_?\\w*(timed|clock)\\w*",
  "pthread_(timed|clock)join_np", "(sem|mtx|cnd)_(timed|clock)\\w*", "mq_timed\\w+", "futex\\w*", "nanosleep", "u?sleep",
  "thrd_sleep", "u?alarm", "[gs]etitimer", "timer_(create|settime)", "timerfd_\\w+", "sigtimedwait", "aio_suspend",
].join("|")})\\s*\\(`);

function found(names, pattern, read = text) {
  return names.flatMap((file) => bare(read(file)).split("\n").flatMap((line, i) =>
    pattern.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : []));
}

test("A4 tree: one file alone names clocks and waits for a time", () => {
  const bad = ["clock_gettime(CLOCK_REALTIME, &t);", "x = time(NULL);", "gettimeofday (&t, NULL);", "c = CLOCK_MONOTONIC;"];
  for (const line of bad) assert.match(line, READS);
  const waits = ["pthread_cond_timedwait(&c, &m, &t);", "pthread_cond_clockwait(&c, &m, k, &t)", "sem_timedwait(&s, &t);",
    "pthread_mutex_timedlock(&m, &t);", "nanosleep(&t, NULL);", "timerfd_create(k, 0)", "cnd_timedwait(&c, &m, &t)"];
  for (const line of waits) assert.match(line, WAITS);
  for (const line of ["clock_wall()", "clock_wait(&c, &m, 5);", "stmt_one(db, DUE)", "int64_t time;", "runtime(x)"])
    for (const pattern of [READS, WAITS]) assert.doesNotMatch(line, pattern);
  assert.equal(found(["x"], READS, () => '/* time (of day) */\nlog("time(x)");\ntime(NULL);').length, 1);
  const sources = files(SOURCES).filter((file) => file !== CLOCKS);
  assert.ok(sources.length > 100);
  assert.deepEqual(found(sources, READS), []);
  assert.deepEqual(found(sources, WAITS), []);
});

test("A4 tree: the waits are by the monotonic clock, and wall time is read in one place", () => {
  const source = bare(text(CLOCKS));
  const count = (pattern) => source.match(pattern)?.length ?? 0;
  assert.equal(count(/CLOCK_REALTIME/g), 1);
  assert.match(source, /^wall\(void\)\n{\n\treturn now\(CLOCK_REALTIME\);/m);
  assert.equal(count(/pthread_condattr_setclock\(\w+, CLOCK_MONOTONIC\)|pthread_condattr_setclock\(&\w+, CLOCK_MONOTONIC\)/g), 1);
  assert.equal(count(/pthread_cond_\w*wait/g), 1);
  assert.match(source, /clock_gettime\(CLOCK_MONOTONIC, &until\)[^}]*pthread_cond_timedwait\(cond, mutex, &until\)/);
});

test("A4 tree: the store asks SQLite for no time", () => {
  const pattern = /\b(strftime|datetime|date|time|julianday|unixepoch|timediff)\s*\(|CURRENT_(TIME|DATE|TIMESTAMP)/i;
  for (const bad of ["DEFAULT CURRENT_TIMESTAMP", "SELECT unixepoch('now')", "made = strftime('%s')"]) assert.match(bad, pattern);
  const strings = (source) => (source.replace(/\/\*[^]*?\*\//g, "").match(/"(?:\\.|[^"\\\n])*"/g) ?? []).join("\n");
  const names = files(/^db\/([a-z]+\/)*[a-z_]+\.c$/);
  assert.ok(names.length > 20);
  const hits = names.flatMap((file) => pattern.test(strings(text(file))) ? [file] : []);
  const sql = files(/^migrations\//).filter((file) => pattern.test(text(file).replace(/--[^\n]*|\/\*[^]*?\*\//g, "")));
  assert.deepEqual([...hits, ...sql], []);
});

/*
 * The files that read wall time, and their reasons.  Durations do not belong
 * here: clock_lease measures leases and waits, and steady_now measures what
 * outlives a process.
 */
const WALL = {
  "api/handlers/me.c": "the date on a ticket, and that of the token it stands for",
  "api/handlers/session.c": "a cookie ends with its token's date",
  "api/http/body.c": "a date that is named must be to come",
  "api/http/credentials.c": "dates in signed tokens",
  "db/admin/doctor_room.c": "a date that is named must be to come",
  "db/admin/doctor_site.c": "compared with the site's",
  "db/admin/rooms.c": "a date that is named must be to come",
  "db/chat/edit.c": "shown",
  "db/chat/jwts.c": "dates in signed tokens",
  "db/chat/notify.c": "shown, and ordered by what is shown",
  "db/chat/room_end.c": "the date at which a room expires",
  "db/chat/say.c": "shown",
  "db/engine/sqlite/restore.c": "in the name of the database from before",
  "db/rows/keys.c": "shown",
  "db/chat/arrivals.c": "shown",
  "db/rows/rooms.c": "shown, and the date at which a room expires",
  "db/rows/steady.c": "steady time begins at it",
  "db/rows/users.c": "shown",
  "poller/session.c": "a stream ends with its token's date",
};

test("A4 tree: wall time is read for what is shown and for dates alone", () => {
  const readers = files(SOURCES).filter((file) => file !== CLOCKS && /\bclock_wall\s*\(/.test(bare(text(file))));
  assert.deepEqual(readers, Object.keys(WALL).sort());
});

test("A4 tree: rows and rules take lease time from the store", () => {
  const pattern = /\bclock_lease\s*\(/;
  const names = files(/^db\/(rows|chat)\/[a-z_]+\.c$/);
  assert.ok(names.length > 50);
  assert.deepEqual(names.filter((file) => pattern.test(bare(text(file)))), []);
});

/* The page's wall clock, by any name: Date.now, Date() and new Date without a date, timeOrigin. */
const PAGE_CLOCKS = ["www/times.js", "www/request.js"];
const PAGE_READS = /\bDate\s*\??\.\s*now\b|\bDate\s*\[|\bnew\s+Date\b(?!\s*\(\s*[^\s)])|(?<!new\s+)\bDate\s*\(|=\s*Date\b|\btimeOrigin\b|\btimeStamp\b|\bTemporal\b/;

/* The files of the page that ask for wall time, and for what. */
const PAGE_WALL = {
  "www/new-day.js": "shown",
  "www/expiry-notice.js": "when to ask the server whether a room has expired",
  "www/inbox.js": "shown",
  "www/log-items.js": "shown",
  "www/message-log.js": "shown",
  "www/room-options.js": "the date at which a room expires",
  "www/room-settings.js": "the date at which a room expired",
};

test("A4 tree: the page reads the wall clock in one file for what is shown and for dates, in another for ids, and nowhere else", () => {
  for (const bad of ["Date.now()", "const { now } = Date;", "new Date()", "new Date( )", "new Date;", "+Date()", "Date['now']()", "performance.timeOrigin"])
    assert.match(bad, PAGE_READS);
  for (const good of ["performance.now()", "new Date(when)", "new Date( when )", "Date.parse(x)", "askDate()", "expiryDate = 1"])
    assert.doesNotMatch(good, PAGE_READS);
  const scripts = files(/^www\/[a-z-]+\.(js|html)$/).filter((file) => !PAGE_CLOCKS.includes(file));
  assert.ok(scripts.length > 40);
  assert.deepEqual(found(scripts, PAGE_READS), []);
  for (const file of PAGE_CLOCKS) assert.equal(found([file], PAGE_READS).length, 1, file);
  assert.deepEqual(scripts.filter((file) => /\bwallNow\s*\(/.test(text(file))), Object.keys(PAGE_WALL).sort());
});

test("A4 tree: no wait of the tests is by the wall clock", () => {
  const pattern = /(while|if)\s*\(.*\bDate\.now\b|\b(end|due|until|limit|deadline)\s*=\s*Date\.now\b/;
  for (const bad of ["while (Date.now() < end) {", "if (Date.now() > end) return;", "const end = Date.now() + ms;"]) assert.match(bad, pattern);
  const names = files(/^tests\/.*\.mjs$/).filter((file) => file !== "tests/tree/clocks.test.mjs" && file !== "tests/tree/proof.test.mjs");
  assert.ok(names.length > 80);
  assert.deepEqual(found(names, pattern), []);
});
