/*
 * parlor check prints a line for each fault of a store, and nothing for a sound
 * one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/chat/schema.h"
#include "db/base/buf.h"
#include "db/engine/sqlite/check.h"
#include "db/engine/sqlite/migrate.h"
#include "tests/lib/tmpdir.h"

struct fixture {
	char root[TMPDIR_SIZE];
	struct buf dir;
	struct buf findings;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	tmpdir_make(f->root);
	buf_addf(&f->dir, "%s/data", f->root);
	assert_int_equal(migrate_run(buf_str(&f->dir), &schema_chat), DB_OK);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tmpdir_remove(f->root);
	buf_done(&f->dir);
	buf_done(&f->findings);
	free(f);
	return 0;
}

static void
keep(const char *finding, void *arg)
{
	assert_null(strchr(finding, '\n'));
	buf_addf(arg, "%s\n", finding);
}

static int
found(struct fixture *f)
{
	buf_clear(&f->findings);
	return check_run(buf_str(&f->dir), &schema_chat, keep, &f->findings);
}

/* Fails unless there is one finding, and it holds WORDS. */
static void
check_one(struct fixture *f, const char *words)
{
	int n = found(f);

	if (n != 1 || strstr(buf_str(&f->findings), words) == NULL)
		fail_msg("%d findings, not one of \"%s\": %s", n, words,
		    buf_str(&f->findings));
}

static void
execute(struct fixture *f, const char *sql)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	buf_addf(&path, "%s/parlor.db", buf_str(&f->dir));
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(sqlite, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&path);
}

#define A_ROOM                                                           \
	"INSERT INTO person (id, made) VALUES (1, 1);"                   \
	"INSERT INTO room (id, name, namespace, title, capacity, grace," \
	" listed, owner, made) VALUES (1, 'lobby', 'main', 'Lobby', 50," \
	" 5000, 1, 1, 1);"
#define A_CHATTER                                                        \
	"INSERT INTO chatter (id, name, room, person, nickname,"         \
	" nickname_key, role, joined) VALUES (1, 'abcdefghijklmnop', 1," \
	" 1, 'kim', 'kim', 0, 1);"
#define A_NOTIFICATION                                                        \
	"INSERT INTO notification VALUES (7, 1, '', 'like', '', '', 1, 9, 1," \
	" 1, NULL); INSERT INTO act VALUES (9, 7, NULL, 'x', '', '{}');"      \
	"UPDATE person SET unread = 1 WHERE id = 1;"
#define TWICE_PRESENT                              \
	"INSERT INTO presence VALUES"              \
	" (1, 1, 1, 'a', 1, NULL, 1, 0, 0, NULL)," \
	" (2, 1, 1, 'b', 1, NULL, 1, 0, 0, NULL);"
#define AWAY       "INSERT INTO absence VALUES (1, 0, NULL);"
#define A_LISTENER "INSERT INTO listener VALUES (1, 1, 'a', NULL, 1, 0);"

static void
D1_a_sound_store_gives_no_finding(void **state)
{
	struct fixture *f = *state;

	if (found(f) != 0)
		fail_msg("%s", buf_str(&f->findings));
	execute(f,
	    A_ROOM A_CHATTER TWICE_PRESENT A_NOTIFICATION
	    "UPDATE room SET online = 1");
	if (found(f) != 0)
		fail_msg("%s", buf_str(&f->findings));
}

static const struct {
	const char *sql;
	const char *words;
} wrongs[] = {
	{ "PRAGMA user_version = 0", "is empty: if it was copied" },
	{ "PRAGMA user_version = 999", "newer Parlor; install that version" },
	{ "DELETE FROM meta", "0 rows of meta" },
	{ "INSERT INTO token VALUES (zeroblob(32), 77, 1)",
	    "names a missing person" },
	{ A_ROOM "UPDATE room SET online = 3",
	    "room lobby says that 3 are online, but 0 are" },
	{ A_ROOM A_CHATTER TWICE_PRESENT "UPDATE room SET online = 2",
	    "room lobby says that 2 are online, but 1 are" },
	{ A_ROOM "INSERT INTO message (room, id, key, type, sent, json)"
		 " VALUES (1, 5, 2, 1, 1, '{}'), (1, 6, NULL, 1, 1, '{}')",
	    "message 0 came before its newest notices, but it is 5" },
	{ A_ROOM "INSERT INTO message (room, id, type, sent, json)"
		 " VALUES (1, 1, 1, 1, '{}');"
		 "UPDATE room SET said_before_notice = 1",
	    "message 1 came before its newest notices, but it is 0" },
	{ "INSERT INTO event (seq, scope, target, kind, data, made)"
	  " VALUES (1, 0, 0, 'room', '{}', 1), (3, 0, 0, 'room', '{}', 1)",
	    "the log should have 3 events since 0, but it has 2" },
	{ A_ROOM "INSERT INTO message (event, room, id, type, sent, json)"
		 " VALUES (1, 1, 5, 0, 1, '{}'); INSERT INTO event"
		 " (seq, scope, target, kind, data, made)"
		 " VALUES (1, 0, 0, 'room', '{}', 1)",
	    "event 1 is also a message" },
	{ A_ROOM A_NOTIFICATION "UPDATE person SET unread = 2",
	    "person 1 has 2 unread notifications, but 1 are stored" },
	{ A_ROOM A_NOTIFICATION "UPDATE notification SET read = 5",
	    "person 1 has 1 unread notifications, but 0 are stored" },
	{ A_ROOM A_NOTIFICATION "INSERT INTO act SELECT 10, notification, 'a',"
				" text, parent_id, payload FROM act",
	    "notification 7 stands for 1 acts, but 2 are stored" },
	{ A_ROOM A_NOTIFICATION "UPDATE notification SET latest = 8",
	    "notification 7 stands for" },
	{ A_ROOM A_CHATTER, "chatter abcdefghijklmnop is away, but" },
	{ A_ROOM A_CHATTER TWICE_PRESENT "UPDATE room SET online = 1;" AWAY,
	    "chatter abcdefghijklmnop is no member who is away, but" },
	{ A_ROOM A_CHATTER AWAY A_LISTENER,
	    "chatter abcdefghijklmnop is away and listens, but" },
	{ A_ROOM A_CHATTER AWAY "INSERT INTO unread_watcher VALUES (1, 1, 1)",
	    "chatter abcdefghijklmnop awaits messages, but" },
	{ A_ROOM A_CHATTER AWAY A_LISTENER
	    "INSERT INTO unread_watcher VALUES (1, 1, 1); UPDATE chatter SET told=7",
	    "chatter abcdefghijklmnop was told that 7 are unread, but 0 are" },
	{ "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage ="
	  " (SELECT rootpage FROM sqlite_schema WHERE name = 'token_user')"
	  " WHERE name = 'room_owner'",
	    "the database" },
};

static void
what_does_not_fit_together_is_found(void **state)
{
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		struct fixture *f;
		int n;

		if (i > 0)
			assert_int_equal(setup(state), 0);
		f = *state;
		execute(f, wrongs[i].sql);
		n = found(f);
		if (n == 0 ||
		    strstr(buf_str(&f->findings), wrongs[i].words) == NULL)
			fail_msg("not \"%s\": %d %s", wrongs[i].words, n,
			    buf_str(&f->findings));
		if (i + 1 < sizeof(wrongs) / sizeof(wrongs[0]))
			assert_int_equal(teardown(state), 0);
	}
}

static void
a_file_that_is_no_database_is_found(void **state)
{
	struct fixture *f = *state;
	struct buf path = BUF_INIT;
	FILE *file;

	/* The write-ahead log still holds the whole database. */
	buf_addf(&path, "%s/parlor.db-wal", buf_str(&f->dir));
	(void)unlink(buf_str(&path));
	buf_clear(&path);
	buf_addf(&path, "%s/parlor.db", buf_str(&f->dir));
	file = fopen(buf_str(&path), "we");
	assert_non_null(file);
	assert_true(fputs("this is not a database, it only looks like text "
			  "that somebody saved here by mistake",
			file) >= 0);
	assert_int_equal(fclose(file), 0);
	check_one(f, "parlor.db is not a database");
	buf_done(&path);
}

static void
a_place_without_a_store_is_found(void **state)
{
	struct fixture *f = *state;
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/parlor.db", buf_str(&f->dir));
	assert_int_equal(unlink(buf_str(&path)), 0);
	check_one(f, "there is no database in");
	buf_adds(&f->dir, "/nowhere");
	check_one(f, "is no directory");
	buf_done(&path);
}

static void
what_everybody_may_read_is_found_file_by_file(void **state)
{
	static const char *const files[] = { "", "/parlor.db", "/parlor.lock" };
	struct fixture *f = *state;
	struct buf path = BUF_INIT;
	struct stat st;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		buf_clear(&path);
		buf_addf(&path, "%s%s", buf_str(&f->dir), files[i]);
		assert_int_equal(stat(buf_str(&path), &st), 0);
		assert_int_equal(chmod(buf_str(&path), st.st_mode | 04), 0);
		/* SQLite gives an empty log the mode of its database. */
		assert_true(found(f) >= 1);
		assert_non_null(strstr(buf_str(&f->findings), "chmod o-rwx"));
		assert_non_null(strstr(buf_str(&f->findings), buf_str(&path)));
		assert_int_equal(chmod(buf_str(&path), st.st_mode & 07777), 0);
	}
	buf_clear(&path);
	buf_addf(&path, "%s/parlor.db-wal", buf_str(&f->dir));
	(void)chmod(buf_str(&path), 0600);
	assert_int_equal(found(f), 0);
	buf_done(&path);
}

static void
a_store_where_a_web_server_looks_is_found(void **state)
{
	static const char *const names[] = { "public_html", "www", "htdocs" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf_clear(&f->dir);
		buf_addf(&f->dir, "%s/%s", f->root, names[i]);
		assert_int_equal(mkdir(buf_str(&f->dir), 0700), 0);
		buf_adds(&f->dir, "/chat");
		assert_int_equal(
		    migrate_run(buf_str(&f->dir), &schema_chat), DB_OK);
		check_one(f, names[i]);
	}
	buf_adds(&f->dir, "-www");
	assert_int_equal(migrate_run(buf_str(&f->dir), &schema_chat), DB_OK);
	check_one(f, "lies under htdocs");
}

static void
A2_S4_7_keys_of_nicknames_of_another_icu_are_found(void **state)
{
	struct fixture *f = *state;

	execute(f, "UPDATE meta SET name_keys = '1 icu 1.0'");
	check_one(f, "look the same was decided by another version");
	assert_int_equal(migrate_run(buf_str(&f->dir), &schema_chat), DB_OK);
	assert_int_equal(found(f), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(D1_a_sound_store_gives_no_finding),
		TEST(what_does_not_fit_together_is_found),
		TEST(a_file_that_is_no_database_is_found),
		TEST(a_place_without_a_store_is_found),
		TEST(what_everybody_may_read_is_found_file_by_file),
		TEST(a_store_where_a_web_server_looks_is_found),
		TEST(A2_S4_7_keys_of_nicknames_of_another_icu_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
