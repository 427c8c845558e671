/* The command line: what it reads, what it checks, and what it says at its end. */
const MAIN = "db/admin/main.c";
const CHECKS = "db/admin/check.c";
const OPTIONS = "db/admin/options.c";
const KEYS = "db/admin/keys.c";
const ROOMS = "db/admin/rooms.c";
const CHECK = "db/engine/sqlite/check.c";
const PLACE = "db/engine/sqlite/datadir.c";
const RESTORE = "db/engine/sqlite/restore.c";
const REKEY = "db/chat/rekey.c";

export default [
  {
    name: "check says that all is well with settings that are wrong", file: CHECKS, by: ["e2e/settings"],
    old: "\tif (setup_check(call->settings) != 0)\n", now: "\tif (setup_check(call->settings) > 0)\n",
  },
  {
    name: "check ends well whatever it has found", file: CHECKS, by: ["e2e/place"],
    old: "\tf.n += check_store(call, &c);\n", now: "\t(void)check_store(call, &c);\n",
  },
  {
    name: "check finds a document root above the data only if it is the data", file: "db/chat/apache_check.c", by: ["e2e/check"],
    old: "(l->data[len] == '/' || l->data[len] == '\\0')", now: "l->data[len] == '\\0'",
  },
  {
    name: "check judges sites of Apache that have nothing to do with it", file: "db/chat/apache_check.c", by: ["e2e/check"],
    old: "\tif (l.is_ours)\n", now: "",
  },
  {
    name: "check asks the limits of pollers of other stores", file: "db/chat/host_check.c", by: ["e2e/check"],
    old: "has_open(pid, database);", now: "has_open(pid, database) >= 0;",
  },
  {
    name: "a migration that failed ends well", file: MAIN, by: ["e2e/place"],
    old: "\tif (manage_migrate(&options, &before) != DB_OK)\n\t\treturn EXIT_FAILED;", now: "\tif (manage_migrate(&options, &before) != DB_OK)\n\t\treturn EXIT_FINE;",
  },
  {
    name: "the help of a command prints them all", file: MAIN, by: ["e2e/place"],
    old: "\t\tif (matches(commands[i].name, words, n) > 0) {", now: "\t\tif (matches(commands[i].name, words, n) > n) {",
  },
  {
    name: "the command line may be a CGI program", file: MAIN, by: ["e2e/arguments"],
    old: "\tif (gateway_refuse_cgi() != 0)\n\t\treturn EXIT_USAGE;\n", now: "",
  },
  {
    name: "migrate says that it has made what was there", file: MAIN, by: ["e2e/place"],
    old: "\tif (before <= 0)\n", now: "\tif (before <= store_schema)\n",
  },
  {
    name: "an option behind = keeps the sign in its value", file: OPTIONS, by: ["e2e/commands"],
    old: "\t\treturn set(o, value + 1, out) == 0 ? 1 : -1;", now: "\t\treturn set(o, value, out) == 0 ? 1 : -1;",
  },
  {
    name: "an option at the end needs no value", file: OPTIONS, by: ["e2e/commands"],
    old: "i + 1 < call->argc)", now: "i < call->argc)",
  },
  {
    name: "an option that is not known is skipped", file: OPTIONS, by: ["e2e/commands"],
    old: "\t\t    \"option=\\\"%s\\\"\", word);\n\t\treturn -1;", now: "\t\t    \"option=\\\"%s\\\"\", word);\n\t\treturn 1;",
  },
  {
    name: "the last of two names counts", file: OPTIONS, by: ["e2e/commands"],
    old: "\t\t} else if (found == operands->most) {", now: "\t\t} else if (operands->most == 0) {",
  },
  {
    name: "a key has the last of its scopes alone", file: KEYS, by: ["e2e/identity"],
    old: "\t\ta->scopes |= scope;", now: "\t\ta->scopes = scope;",
  },
  {
    name: "a scope that is not known is skipped", file: KEYS, by: ["e2e/identity"],
    old: "\t\t\t    \"scope=\\\"%s\\\"\", call->argv[i]);\n\t\t\treturn -1;", now: "\t\t\t    \"scope=\\\"%s\\\"\", call->argv[i]);\n\t\t\tcontinue;",
  },
  {
    name: "a revoked key is listed like a good one", file: KEYS, by: ["e2e/identity"],
    old: "\tif (k->revoked != 0)\n", now: "\tif (k->revoked < 0)\n",
  },
  {
    name: "the command line makes every room listed", file: ROOMS, by: ["e2e/commands"],
    old: "c->unlisted ? ROOM_UNLISTED : ROOM_LISTED };", now: "c->unlisted < 0 ? ROOM_UNLISTED : ROOM_LISTED };",
  },
  {
    name: "a room from the command line has no password", file: ROOMS, by: ["e2e/admission"],
    old: "c->hash.len > 0 ? buf_str(&c->hash) : NULL,", now: "c->hash.len < 1 ? buf_str(&c->hash) : NULL,",
  },
  {
    name: "a password takes the end of its line along", file: ROOMS, by: ["e2e/admission"],
    old: "\tline[strcspn(line, \"\\n\")] = '\\0';\n", now: "",
  },
  {
    name: "a room that exists is a failure even if that is accepted", file: ROOMS, by: ["e2e/commands"],
    old: "\tif (rc == DB_CONFLICT && c.if_missing)\n\t\tstatus = EXIT_FINE;", now: "\tif (rc == DB_CONFLICT && c.if_missing)\n\t\tstatus = EXIT_FAILED;",
  },
  {
    name: "a room that exists is made again without a word", file: ROOMS, by: ["e2e/commands"],
    old: "\tif (rc == DB_CONFLICT && c.if_missing)\n\t\tstatus = EXIT_FINE;", now: "\tif (rc == DB_CONFLICT)\n\t\tstatus = EXIT_FINE;",
  },
  {
    name: "a list of rooms ends after its first page", file: ROOMS, by: ["e2e/commands"],
    old: "\t} while (rc == DB_OK && l->more);", now: "\t} while (rc != DB_OK && l->more);",
  },
  {
    name: "rooms of every namespace are listed as those of main", file: ROOMS, by: ["e2e/commands"],
    old: "\tif (l.namespace == NULL && !l.all)\n", now: "\tif (l.namespace != NULL || !l.all)\n",
  },
  {
    name: "a room may have expired before it is made", file: ROOMS, by: ["e2e/commands"],
    old: "c->expires != 0 && c->expires <= clock_wall()", now: "c->expires < 0 && c->expires <= clock_wall()",
  },
  {
    name: "deleting a room that is not there ends well", file: ROOMS, by: ["e2e/commands"],
    old: "\treturn rc == DB_OK ? EXIT_FINE : EXIT_FAILED;\n}\n\nstruct creation", now: "\treturn rc != DB_BUSY ? EXIT_FINE : EXIT_FAILED;\n}\n\nstruct creation",
  },
  {
    name: "check does not look whether the pages of the database are sound", file: CHECK, by: ["unit/db_check"],
    old: "\tcheck_integrity(c);\n", now: "",
  },
  {
    name: "check asks for pages as newer versions of SQLite do not read it", file: CHECK, by: ["tree/tree", "unit/db_check"],
    old: "\"PRAGMA integrity_check(20)\"", now: "\"SELECT * FROM pragma_integrity_check(20)\"",
  },
  {
    name: "check finds no row that names a missing one", file: CHECK, by: ["unit/db_check"],
    old: " names a missing ' || parent FROM pragma_foreign_key_check\",", now: " names a missing ' || parent FROM pragma_foreign_key_check WHERE parent = ''\",",
  },
  {
    name: "check counts connections as people", file: "db/rows/consistency.c", by: ["unit/db_check"],
    old: "(SELECT count(DISTINCT chatter) FROM presence\"", now: "(SELECT count(chatter) FROM presence\"",
  },
  {
    name: "check minds only files that everybody may write", file: CHECK, by: ["unit/db_check"],
    old: "(st.st_mode & S_IRWXO) != 0", now: "(st.st_mode & S_IWOTH) != 0",
  },
  {
    name: "check looks at the last folder of the path alone", file: CHECK, by: ["unit/db_check"],
    old: "\twhile ((part = strsep(&next, \"/\")) != NULL)\n", now: "\tpart = strrchr(next, '/') + 1;\n\tif (part != NULL)\n",
  },
  {
    name: "check does not see that keys of nicknames are of another ICU", file: REKEY, by: ["unit/db_check"],
    old: "\tif (rc == DB_OK)\n\t\treturn DB_NONE;\n", now: "\tif (rc == DB_OK || rc == DB_NONE)\n\t\treturn DB_NONE;\n",
  },
  {
    name: "nicknames keep the keys of another ICU", file: REKEY, by: ["unit/db_migrate"],
    old: "\tenum db_rc rc = rekey_all(db);\n", now: "\tenum db_rc rc = rekey_all == NULL ? rekey_all(db) : DB_OK;\n",
  },
  {
    name: "a directory that may not be written is taken for a store", file: "db/engine/sqlite/datadir_check.c", by: ["e2e/place"],
    old: "denied(l->dir, R_OK | W_OK | X_OK)", now: "denied(l->dir, R_OK | X_OK)",
  },
  {
    name: "a newer store is told to migrate", file: "db/engine/sqlite/version.c", by: ["e2e/place"],
    old: "\tif (number > store_schema)\n\t\treturn \"this database was made by a newer Parlor; install that\"\n\t\t       \" version\";\n\tif (number < store_schema)\n", now: "\tif (number != store_schema)\n",
  },
  {
    name: "files that root has made stay root's", file: PLACE, by: ["e2e/place"],
    old: "\tif (geteuid() != 0 || stat(dir, &st) != 0 || st.st_uid == 0)\n", now: "\tif (geteuid() == 0 || stat(dir, &st) != 0 || st.st_uid == 0)\n",
  },
  {
    name: "a restored log keeps its epoch", file: "db/chat/backups.c", by: ["e2e/backup"],
    old: "\tenum db_rc rc = meta_renew(db);\n", now: "\tenum db_rc rc = meta_touch(db);\n",
  },
  {
    name: "a backup does not know what streams were sent", file: "db/chat/backups.c", by: ["e2e/backup"],
    old: "\t\tif (seq > n->row.span.upto)\n", now: "\t\tif (seq < n->row.span.upto)\n",
  },
  {
    name: "a backup is restored under the feet of programs", file: RESTORE, by: ["e2e/backup"],
    old: "return programs_find(buf_str(&r->now), &f) == 0 ? DB_OK : DB_BUSY;", now: "return programs_find(buf_str(&r->now), &f) >= 0 ? DB_OK : DB_BUSY;",
  },
  {
    name: "a backup with a log is restored without it", file: RESTORE, by: ["e2e/backup"],
    old: "\tif (rc == DB_OK && size_of(buf_str(&log)) > 0)\n", now: "\tif (rc == DB_OK && size_of(buf_str(&log)) < 0)\n",
  },
  {
    name: "a damaged backup is restored", file: RESTORE, by: ["e2e/backup"],
    old: "\"PRAGMA quick_check(1)\"", now: "\"SELECT 'ok'\"",
  },
  {
    name: "a backup is copied while the log still holds a part of it", file: "db/engine/sqlite/backup.c", by: ["e2e/backup"],
    old: "\tenum db_rc rc = wal_truncate(db, wal, READERS_MS);\n", now: "\tenum db_rc rc = wal->lock->held ? DB_OK : wal_truncate(db, wal, READERS_MS);\n",
  },
  {
    name: "a backup goes where other files are", file: "db/engine/sqlite/backup.c", by: ["e2e/backup"],
    old: "return d != NULL && others == 0;", now: "return d != NULL && others >= 0;",
  },
  {
    name: "an export ends after its first portion", file: "db/chat/exports.c", by: ["e2e/administration"],
    old: "\twhile (rc == DB_OK);\n\treturn rc == DB_NONE ? DB_OK : rc;\n}\n\nenum db_rc\nexports_room", now: "\twhile (rc == DB_FAIL);\n\treturn rc == DB_NONE ? DB_OK : rc;\n}\n\nenum db_rc\nexports_room",
  },
  {
    name: "an export of a person has what others said", file: "db/rows/inventory.c", by: ["e2e/administration"],
    old: "AND (?3 = 0 OR chatter = ?3)", now: "AND (?3 = 0 OR chatter > 0)",
  },
  {
    name: "an owner's earlier tokens stay valid", file: "db/chat/accounts.c", by: ["e2e/administration"],
    old: "\t\trc = users_drop_tokens(db, user);\n\tif (rc == DB_OK && tokens", now: "\t\trc = DB_OK;\n\tif (rc == DB_OK && tokens",
  },
  {
    name: "a token for a room is one for all that a key owns", file: "db/chat/accounts.c", by: ["e2e/administration"],
    old: "\tif (rc != DB_NONE)\n\t\treturn rc == DB_OK ? DB_CONFLICT : rc;\n\trc = users_is_known", now: "\trc = users_is_known",
  },
  {
    name: "the administrator bans a room's owner", file: "db/admin/members.c", by: ["e2e/administration"],
    old: "chatter.user.n == room.owner.n", now: "chatter.user.n == room.owner.n + 1",
  },
  {
    name: "tail prints what a terminal obeys", file: "db/admin/tail.c", by: ["e2e/administration"],
    old: "c < ' ' || c == 0x7f", now: "c == 0x7f",
  },
];
