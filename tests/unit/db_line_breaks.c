/* Texts stored with raw line breaks are told with escapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "db/chat/schema.h"
#include "db/base/buf.h"
#include "db/engine/migrations.h"
#include "db/engine/sqlite/migrate.h"
#include "tests/lib/tmpdir.h"

#define TEXT       \
	"\xc2\x85" \
	"a\u2028"  \
	"b\u2029"  \
	"c\u2027"

/* Inserts rows as version 1 did. */
static const char rows[] =
    "INSERT INTO user (id, made) VALUES (1, 5);"
    "INSERT INTO room (id, name, namespace, title, capacity, grace, listed,"
    " owner, made) VALUES (1, 'lobby', 'main', 'Lobby', 9, 0, 1, 1, 5);"
    "INSERT INTO message VALUES (1, 1, NULL, 0, 5, NULL,"
    " '{\"id\":1,\"content\":\"" TEXT "\"}'),"
    " (1, 2, NULL, 0, 5, NULL, '{\"id\":2,\"content\":\"plain \\u2028\"}');"
    "INSERT INTO event (scope, target, kind, data, ends, made)"
    " VALUES (0, 1, 'message', '{\"content\":\"" TEXT "\"}', 0, 5);";

static const char *const true_sentences[] = {
	"SELECT count(*) = 2 FROM message",
	"SELECT count(*) = 0 FROM message WHERE instr(json, char(133))"
	" OR instr(json, char(8232)) OR instr(json, char(8233))",
	"SELECT count(*) = 0 FROM event WHERE instr(data, char(133))"
	" OR instr(data, char(8232)) OR instr(data, char(8233))",
	"SELECT json ->> 'content' = '" TEXT "' FROM message WHERE id = 1",
	"SELECT json = '{\"id\":2,\"content\":\"plain \\u2028\"}'"
	" FROM message WHERE id = 2",
	"SELECT data ->> 'content' = '" TEXT "' FROM event",
};

static int
is_true(sqlite3 *sqlite, const char *sql)
{
	sqlite3_stmt *s;
	int yes;

	assert_int_equal(
	    sqlite3_prepare_v2(sqlite, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	yes = sqlite3_column_int(s, 0);
	(void)sqlite3_finalize(s);
	return yes;
}

static void
B4_a_stored_line_break_is_an_escape_after_the_migration(void **state)
{
	struct buf path = BUF_INIT;
	char dir[TMPDIR_SIZE];
	sqlite3 *sqlite;

	(void)state;
	tmpdir_make(dir);
	buf_addf(&path, "%s/parlor.db", dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(sqlite, migrations[0], NULL, NULL, NULL), SQLITE_OK);
	if (sqlite3_exec(sqlite, rows, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(sqlite));
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	assert_int_equal(migrate_run(dir, &schema_chat), DB_OK);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	for (size_t i = 0;
	     i < sizeof(true_sentences) / sizeof(true_sentences[0]); i++)
		if (!is_true(sqlite, true_sentences[i]))
			fail_msg("not true: %s", true_sentences[i]);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	tmpdir_remove(dir);
	buf_done(&path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    B4_a_stored_line_break_is_an_escape_after_the_migration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
