/* No statement scans a table that grows, by SQLite's query plans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "db/base/buf.h"
#include "db/engine/migrations.h"
#include "db/engine/sqlite/stmt.h"
#include "db/rows/sql.h"

/* Tables of one or a few rows, and rows a statement makes for itself. */
static const char *const small[] = { "meta", "node", "json_each",
	"CONSTANT ROW", "(subquery-", NULL };

/* Runs once after a boot, over presence, which is bounded. */
static const char at_boot[] = "UPDATE presence SET node = NULL, expires = ? +";

static int
grows(const char *detail)
{
	const char *what = detail + strlen("SCAN ");

	if (strncmp(detail, "SCAN ", 5) != 0)
		return 0;
	for (int i = 0; small[i] != NULL; i++)
		if (strncmp(what, small[i], strlen(small[i])) == 0)
			return 0;
	return 1;
}

/* The number of steps in SQL's plan that scan a growing table. */
static int
scans(sqlite3 *sqlite, const char *sql)
{
	struct buf explain = BUF_INIT;
	sqlite3_stmt *s;
	int found = 0;

	buf_addf(&explain, "EXPLAIN QUERY PLAN %s", sql);
	assert_int_equal(
	    sqlite3_prepare_v2(sqlite, buf_str(&explain), -1, &s, NULL),
	    SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(s, 3);

		if (detail != NULL && grows(detail) &&
		    strncmp(sql, at_boot, sizeof(at_boot) - 1) != 0) {
			print_error("%s\n  in: %s\n", detail, sql);
			found++;
		}
	}
	(void)sqlite3_finalize(s);
	buf_done(&explain);
	return found;
}

static int
setup(void **state)
{
	sqlite3 *sqlite;

	assert_int_equal(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
	for (int i = 0; migrations[i] != NULL; i++)
		assert_int_equal(
		    sqlite3_exec(sqlite, migrations[i], NULL, NULL, NULL),
		    SQLITE_OK);
	*state = sqlite;
	return 0;
}

static int
teardown(void **state)
{
	return sqlite3_close(*state);
}

/* The engine's. */
static const struct sql *const own[] = { &transaction_sql, &space_sql };

enum { N_OWN = sizeof(own) / sizeof(own[0]) };

static void
no_statement_walks_a_table_that_grows(void **state)
{
	int found = 0;

	for (int i = 0; i < SQL_N_FILES; i++) {
		assert_true(sql_files[i]->n > 0);
		for (int j = 0; j < sql_files[i]->n; j++)
			found += scans(*state, sql_files[i]->text[j]);
	}
	for (int i = 0; i < N_OWN; i++)
		for (int j = 0; j < own[i]->n; j++)
			found += scans(*state, own[i]->text[j]);
	assert_int_equal(found, 0);
}

/* The statement of FILE that begins with HEAD. */
static const char *
statement(const struct sql *file, const char *head)
{
	for (int i = 0; i < file->n; i++)
		if (strncmp(file->text[i], head, strlen(head)) == 0)
			return file->text[i];
	fail_msg("no statement begins with %s", head);
	return NULL;
}

/* A room keeps members who have left, possibly very many. */
static void
A2_a_nickname_is_looked_up_by_its_keys(void **state)
{
	struct buf explain = BUF_INIT;
	sqlite3_stmt *s;
	int by_key = 0;

	buf_addf(&explain, "EXPLAIN QUERY PLAN %s",
	    statement(&chatters_sql, "SELECT 1 FROM (SELECT id FROM chatter"));
	assert_int_equal(
	    sqlite3_prepare_v2(*state, buf_str(&explain), -1, &s, NULL),
	    SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(s, 3);

		assert_null(strstr(detail, "(room=?)"));
		by_key += strstr(detail, "_key=?)") != NULL;
	}
	assert_int_equal(by_key, 3);
	(void)sqlite3_finalize(s);
	buf_done(&explain);
}

static void
a_statement_that_walks_the_messages_is_seen(void **state)
{
	assert_int_equal(
	    scans(*state, "SELECT json FROM message WHERE sent = 1"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_statement_walks_a_table_that_grows),
		cmocka_unit_test(A2_a_nickname_is_looked_up_by_its_keys),
		cmocka_unit_test(a_statement_that_walks_the_messages_is_seen),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
