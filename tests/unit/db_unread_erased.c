/* Edited and deleted messages leave nothing in counts, queues and files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>

#include "db/base/buf.h"
#include "db/rows/chatters.h"
#include "db/rows/events.h"
#include "db/chat/edit.h"
#include "db/chat/say.h"
#include "db/rows/rooms.h"
#include "tests/lib/absentee.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"

struct changing {
	const struct room *room;
	struct message_change change;
	struct buf json;
	enum problem why;
};

static enum db_rc
edit(struct db *db, void *arg)
{
	struct changing *c = arg;

	return edit_message(db, c->room, &c->change, &c->json, &c->why);
}

static enum db_rc
erase(struct db *db, void *arg)
{
	struct changing *c = arg;

	return edit_delete(db, c->room, &c->change, &c->why);
}

static enum db_rc
change(struct absentee *a, db_fn fn, struct user_id user, struct message_id id,
    enum problem *why)
{
	struct changing c = { .room = &a->room,
		.change = { .user = user,
		    .message = id,
		    .within = 1000,
		    .content = "changed" } };
	enum db_rc rc = db_write(a->fixture->db, fn, &c);

	*why = c.why;
	buf_done(&c.json);
	return rc;
}

static enum db_rc
blank(struct db *db, void *arg)
{
	const struct user_id *user = arg;

	return events_blank(db, (struct scope){ SCOPE_USER, user->n });
}

static void
what_was_erased_is_in_no_queue_when_another_is_forgotten_already(void **state)
{
	struct absentee a = absentee_make(state);
	struct chatter pat = make_member(a.fixture, &a.room, "pat");
	struct message_id one;
	enum problem why;
	int64_t head;

	absentee_go_away(&a);
	(void)absentee_listen(&a, a.kim.user, "a");
	(void)absentee_listen(&a, pat.user, "a");
	head = eventlog_head(a.fixture);
	one = absentee_say(&a, a.lee.user, "secret");
	assert_int_equal(eventlog_count(a.fixture, head, "secret"), 3);
	assert_int_equal(db_write(a.fixture->db, blank, &a.kim.user), DB_OK);
	assert_int_equal(change(&a, erase, a.lee.user, one, &why), DB_OK);
	assert_int_equal(eventlog_count(a.fixture, head, "secret"), 0);
}

static void
what_was_erased_is_in_no_event_and_no_count(void **state)
{
	struct absentee a = absentee_make(state);
	struct message_id one, two;
	enum problem why;
	int64_t head;

	absentee_go_away(&a);
	(void)absentee_listen(&a, a.kim.user, "a");
	head = eventlog_head(a.fixture);
	one = absentee_say(&a, a.lee.user, "secret");
	two = absentee_say(&a, a.lee.user, "secret");
	assert_int_equal(eventlog_count(a.fixture, head, "secret"), 4);
	assert_int_equal(change(&a, edit, a.lee.user, one, &why), DB_OK);
	assert_int_equal(change(&a, edit, a.lee.user, one, &why), DB_OK);
	/* In the message's event, the listener's event and the last edit's. */
	assert_int_equal(eventlog_count(a.fixture, head, "changed"), 3);
	assert_int_equal(change(&a, erase, a.lee.user, two, &why), DB_OK);
	assert_int_equal(eventlog_count(a.fixture, head, "secret"), 0);
	absentee_check(&a);
	absentee_assert_listed(&a, "\"unread\":1,");
	assert_int_equal(change(&a, erase, a.lee.user, two, &why), DB_OK);
	assert_int_equal(change(&a, edit, a.lee.user, two, &why), DB_NONE);
	assert_int_equal(change(&a, erase, a.kim.user, one, &why), DB_CONFLICT);
	assert_int_equal(why, PROBLEM_DELETER_ONLY);
	fake_clock_advance(1001);
	assert_int_equal(change(&a, erase, a.lee.user, one, &why), DB_CONFLICT);
	assert_int_equal(why, PROBLEM_TOO_LATE);
}

static enum db_rc
supervise(struct db *db, void *arg)
{
	struct changing *c = arg;

	c->change.as = CHANGER_SUPERVISOR;
	return edit_delete(db, c->room, &c->change, &c->why);
}

/* Each message is deleted, and the count that is sent is the real one. */
static void
a_count_falls_by_what_counted_alone(void **state)
{
	struct absentee a = absentee_make(state);
	struct message_id there, missed, own, notice, read;
	enum problem why;
	int64_t head;

	there = absentee_say(&a, a.lee.user, "while there");
	notice = there;
	notice.n++;
	absentee_go_away(&a);
	read = absentee_say(&a, a.lee.user, "read");
	missed = absentee_say(&a, a.lee.user, "missed");
	own = absentee_say(&a, a.kim.user, "own");
	absentee_come_back(&a);
	absentee_go_away(&a);
	(void)absentee_listen(&a, a.kim.user, "a");
	(void)absentee_say(&a, a.lee.user, "missed too");
	absentee_assert_read(
	    &a, read.n, "{\"room\":\"lobby\",\"message\":5,\"unread\":2}");
	head = eventlog_head(a.fixture);
	for (size_t i = 0; i < 4; i++) {
		struct message_id ids[] = { there, notice, own, read };

		assert_int_equal(
		    change(&a, supervise, a.lee.user, ids[i], &why), DB_OK);
		absentee_check(&a);
	}
	assert_int_equal(eventlog_count(a.fixture, head, "unread 0"), 0);
	assert_int_equal(
	    change(&a, supervise, a.lee.user, missed, &why), DB_OK);
	assert_int_equal(eventlog_count(a.fixture, head,
			     "unread 0 {\"room\":\"lobby\",\"unread\":1,"),
	    1);
	absentee_check(&a);
}

static off_t
log_size(const struct absentee *a)
{
	struct buf path = BUF_INIT;
	struct stat st;

	buf_addf(&path, "%s/parlor.db-wal", a->fixture->dir);
	assert_int_equal(stat(buf_str(&path), &st), 0);
	buf_done(&path);
	return st.st_size;
}

/* A reader with a long transaction, as a backup has. */
static sqlite3 *
read_long(const struct absentee *a)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	buf_addf(&path, "%s/parlor.db", a->fixture->dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_db_config(
			     sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(sqlite, "BEGIN; SELECT count(*) FROM message;", NULL,
		NULL, NULL),
	    SQLITE_OK);
	buf_done(&path);
	return sqlite;
}

static void
while_somebody_reads_the_log_is_cut_off_now_and_then_alone(void **state)
{
	struct absentee a = absentee_make(state);
	struct message_id one = absentee_say(&a, a.lee.user, "secret");
	sqlite3 *reader = read_long(&a);
	enum problem why;

	assert_int_equal(change(&a, erase, a.lee.user, one, &why), DB_OK);
	assert_int_equal(
	    sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
	assert_true(log_size(&a) > 0);
	(void)absentee_say(
	    &a, a.lee.user, "no write waits for readers each time");
	assert_true(log_size(&a) > 0);
	fake_clock_advance(500);
	(void)absentee_say(&a, a.lee.user, "later");
	assert_true(log_size(&a) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    what_was_erased_is_in_no_queue_when_another_is_forgotten_already),
		FIXTURE_TEST(what_was_erased_is_in_no_event_and_no_count),
		FIXTURE_TEST(a_count_falls_by_what_counted_alone),
		FIXTURE_TEST(
		    while_somebody_reads_the_log_is_cut_off_now_and_then_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
