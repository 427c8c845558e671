/* The hub: what a subscriber receives, once and in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/base/clock.h"
#include "db/rows/events.h"
#include "tests/lib/testhub.h"

/* Appends events and prunes all but the newest in one commit. */
static enum db_rc
append_and_prune(struct db *db, void *arg)
{
	enum { KEPT = 10 };
	enum db_rc rc = testhub_append(db, arg);

	while (rc == DB_OK)
		rc = events_prune(db, 0, KEPT, 1000);
	return rc == DB_NONE ? DB_OK : rc;
}

static void
happen_and_be_pruned(struct testhub *h, int from, int n)
{
	struct testhub_events m = { from, n, EVENT_ENDS_NOBODY };

	assert_int_equal(
	    db_write(store_db(h->store), append_and_prune, &m), DB_OK);
}

static void
a_stream_begins_with_its_head_and_sync_and_hears_what_happens(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int fd = testhub_subscribe(h, &sse_protocol, 0);

	testhub_read(fd, "event: sync", &heard);
	assert_ptr_equal(strstr(heard.p, "HTTP/1.1 200 OK\r\n"), heard.p);
	testhub_add(h, 1, 3, EVENT_ENDS_NOBODY);
	testhub_read(fd, "{\"n\":3}\n\n", &heard);
	testhub_assert_numbers(&heard, 1, 3);
	buf_done(&heard);
	(void)close(fd);
}

static void
who_comes_back_from_before_the_ring_gets_all_from_the_store(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int fd;

	testhub_add(h, 1, 500, EVENT_ENDS_NOBODY);
	fd = testhub_subscribe(h, &ndjson_protocol, 100);
	testhub_read(fd, "{\"n\":500}", &heard);
	testhub_add(h, 501, 5, EVENT_ENDS_NOBODY);
	testhub_read(fd, "{\"n\":505}", &heard);
	testhub_assert_numbers(&heard, 101, 505);
	buf_done(&heard);
	(void)close(fd);
}

static void
a_reader_that_the_ring_has_run_past_loses_and_repeats_nothing(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int fd = testhub_subscribe(h, &sse_protocol, 0);

	for (int i = 0; i < 100; i++)
		testhub_add(h, 1 + i * 50, 50, EVENT_ENDS_NOBODY);
	testhub_read(fd, "{\"n\":5000}\n\n", &heard);
	testhub_assert_numbers(&heard, 1, 5000);
	buf_done(&heard);
	(void)close(fd);
}

static void
who_is_behind_what_the_log_has_forgotten_is_sent_back(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int fd;

	testhub_add(h, 1, 100, EVENT_ENDS_NOBODY);
	happen_and_be_pruned(h, 101, 100);
	fd = testhub_subscribe(h, &sse_protocol, 50);
	testhub_read(fd, NULL, &heard);
	testhub_assert_numbers(&heard, 0, -1);
	assert_non_null(strstr(heard.p, "\"reason\":\"restart\""));
	(void)close(fd);
	buf_clear(&heard);
	fd = testhub_subscribe(h, &poll_protocol, 50);
	testhub_read(fd, NULL, &heard);
	testhub_assert_numbers(&heard, 0, -1);
	assert_non_null(strstr(heard.p, "-50\",\"more\":true}"));
	(void)close(fd);
	buf_done(&heard);
}

static void
what_the_log_forgets_before_it_was_read_is_nobodys_silent_gap(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int stream = testhub_subscribe(h, &sse_protocol, 0), poll, fd;

	testhub_add(h, 1, 5, EVENT_ENDS_NOBODY);
	testhub_read(stream, "{\"n\":5}", &heard);
	poll = testhub_subscribe(h, &poll_protocol, 5);
	happen_and_be_pruned(h, 6, 100);
	testhub_read(stream, NULL, &heard);
	testhub_assert_numbers(&heard, 1, 5);
	assert_non_null(strstr(heard.p, "\"reason\":\"restart\""));
	buf_clear(&heard);
	testhub_read(poll, NULL, &heard);
	testhub_assert_numbers(&heard, 0, -1);
	assert_non_null(strstr(heard.p, "-5\",\"more\":true}"));
	buf_clear(&heard);
	fd = testhub_subscribe(h, &sse_protocol, 100);
	testhub_add(h, 106, 1, EVENT_ENDS_NOBODY);
	testhub_read(fd, "{\"n\":106}", &heard);
	testhub_assert_numbers(&heard, 101, 106);
	buf_done(&heard);
	(void)close(stream);
	(void)close(poll);
	(void)close(fd);
}

static void
a_waiting_poll_is_answered_at_the_first_event_and_closed(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int fd = testhub_subscribe(h, &poll_protocol, 0);

	testhub_add(h, 1, 1, EVENT_ENDS_NOBODY);
	testhub_read(fd, NULL, &heard);
	testhub_assert_numbers(&heard, 1, 1);
	assert_non_null(strstr(heard.p, "Content-Length: "));
	assert_non_null(strstr(heard.p, "\"more\":false}"));
	buf_done(&heard);
	(void)close(fd);
}

static void
an_event_that_ends_a_seat_is_the_last_that_it_hears(void **state)
{
	static const struct {
		int64_t ends;
		const char *reason;
	} cases[] = {
		{ TESTHUB_CHATTER, "\"left\"" },
		{ EVENT_ENDS_REMOVED(TESTHUB_CHATTER), "\"removed\"" },
		{ EVENT_ENDS_ALL, "\"room_gone\"" },
	};
	struct testhub *h = *state;
	int from = 1;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf heard = BUF_INIT;
		int fd = testhub_subscribe(h, &sse_protocol, from - 1);

		testhub_add(h, from, 1, TESTHUB_CHATTER + 1);
		testhub_add(h, from + 1, 1, cases[i].ends);
		testhub_add(h, from + 2, 1, EVENT_ENDS_NOBODY);
		testhub_read(fd, NULL, &heard);
		testhub_assert_numbers(&heard, from, from + 1);
		assert_non_null(strstr(heard.p, "event: bye"));
		assert_non_null(strstr(heard.p, cases[i].reason));
		buf_done(&heard);
		(void)close(fd);
		from += 3;
	}
}

static void
a_socket_that_is_still_open_elsewhere_is_forgotten_at_its_end(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int kept, fd = testhub_subscribe_kept(h, &poll_protocol, 0, &kept),
		  other;

	testhub_add(h, 1, 1, EVENT_ENDS_NOBODY);
	testhub_read(fd, "\"more\":false}", &heard);
	buf_clear(&heard);
	/* When this one is answered, the first has been released. */
	other = testhub_subscribe(h, &poll_protocol, 0);
	testhub_read(other, NULL, &heard);
	(void)close(fd);
	buf_clear(&heard);
	(void)close(other);
	other = testhub_subscribe(h, &sse_protocol, 0);
	testhub_read(other, "{\"n\":1}", &heard);
	(void)close(other);
	(void)close(kept);
	buf_done(&heard);
}

static _Atomic int64_t lease_now;

static int64_t
get_lease(void)
{
	return lease_now;
}

/* Reads until event N or the end of the stream; returns 1 at the end. */
static int
has_ended(int fd, int n, struct buf *heard)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char event[32];
	ssize_t len = 1;

	(void)snprintf(event, sizeof(event), "{\"n\":%d}", n);
	while (len > 0 && strstr(buf_str(heard), event) == NULL) {
		assert_int_equal(poll(&ready, 1, TESTHUB_LIMIT_MS), 1);
		len = read(fd, buf_space(heard, 4096), 4096);
		heard->len += len > 0 ? (size_t)len : 0;
		heard->p[heard->len] = '\0';
	}
	if (len <= 0)
		assert_non_null(
		    strstr(buf_str(heard), "\"reason\":\"lifetime\""));
	return len <= 0;
}

enum { TOGETHER = 60 };

/*
 * How many of FDS have ended. The hub reads the clock before it reads the log,
 * and ends streams after that; so only streams that are not due get the third
 * event.
 */
static int
ended_by_now(struct testhub *h, const int *fds, struct buf *heard, int from)
{
	int ended = 0;

	for (int i = from; i < from + 3; i++) {
		testhub_add(h, i, 1, EVENT_ENDS_NOBODY);
		ended = 0;
		for (int j = 0; j < TOGETHER; j++)
			ended += has_ended(fds[j], i, &heard[j]);
	}
	return ended;
}

static int64_t (*real_lease)(void);

/*
 * The hub's threads start after the clock is replaced, and end before it is
 * restored.
 */
static int
setup_clock(void **state)
{
	real_lease = clock_lease;
	lease_now = clock_lease();
	clock_lease = get_lease;
	return testhub_setup(state);
}

static int
teardown_clock(void **state)
{
	int rc = testhub_teardown(state);

	clock_lease = real_lease;
	return rc;
}

static void
streams_that_were_opened_together_do_not_end_together(void **state)
{
	struct testhub *h = *state;
	struct buf heard[TOGETHER] = { 0 };
	int64_t life = h->settings.stream_life_ms;
	int fds[TOGETHER], ended;

	h->distinct = 1;
	for (int i = 0; i < TOGETHER; i++) {
		fds[i] = testhub_subscribe(h, &sse_protocol, 0);
		testhub_read(fds[i], "event: sync", &heard[i]);
	}
	lease_now += life - 1000;
	assert_int_equal(ended_by_now(h, fds, heard, 1), 0);
	lease_now += 1000 + life / 20;
	ended = ended_by_now(h, fds, heard, 4);
	assert_in_range(ended, 1, TOGETHER - 1);
	lease_now += life / 20 + 1000;
	assert_int_equal(ended_by_now(h, fds, heard, 7), TOGETHER);
	for (int i = 0; i < TOGETHER; i++) {
		buf_done(&heard[i]);
		(void)close(fds[i]);
	}
}

static void
a_stop_says_bye_to_everyone_and_gives_the_places_back(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int fd = testhub_subscribe(h, &sse_protocol, 0);

	testhub_read(fd, "event: sync", &heard);
	hub_stop(h->hub);
	h->hub = NULL;
	testhub_read(fd, NULL, &heard);
	assert_non_null(strstr(heard.p, "\"reason\":\"shutdown\""));
	assert_int_equal(stream_quota_total(h->quota), 0);
	buf_done(&heard);
	(void)close(fd);
}

static int
descriptors(void)
{
	DIR *open_files = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(open_files);
	while (readdir(open_files) != NULL)
		n++;
	(void)closedir(open_files);
	return n;
}

static void
refuses_to_start(struct testhub *h)
{
	int before = descriptors();

	assert_int_equal(testhub_start(h), DB_FAIL);
	assert_null(h->hub);
	assert_int_equal(descriptors(), before);
}

/* Runs SQL behind the back of the programs. */
static void
spoil(struct testhub *h, const char *sql)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	buf_addf(&path, "%s/parlor.db", h->dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(sqlite, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&path);
}

/*
 * The hub has no reason to act but the new subscriber: no doorbell, no timer.
 */
static void
s3_9_a_newcomer_is_served_from_behind_what_was_erased_a_moment_ago(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int old, fresh;

	hub_stop(h->hub);
	h->settings.look_ms = 600000;
	assert_int_equal(testhub_start(h), DB_OK);
	testhub_add(h, 1, 1, EVENT_ENDS_NOBODY);
	old = testhub_subscribe(h, &sse_protocol, 0);
	testhub_read(old, "{\"n\":1}", &heard);
	spoil(h,
	    "UPDATE event SET data = '{}' WHERE seq = 1;"
	    "INSERT INTO event (scope, target, kind, data, ends, made, rewrote)"
	    " VALUES (0, 7, 'message', '{\"n\":2}', 0, 1, 1)");
	buf_clear(&heard);
	fresh = testhub_subscribe(h, &sse_protocol, 0);
	testhub_read(fresh, "{\"n\":2}", &heard);
	assert_null(strstr(buf_str(&heard), "{\"n\":1}"));
	buf_done(&heard);
	(void)close(old);
	(void)close(fresh);
}

static void
a_hub_that_cannot_start_leaves_nothing_behind(void **state)
{
	struct testhub *h = *state;
	struct buf bell = BUF_INIT;

	testhub_add(h, 1, 1, EVENT_ENDS_NOBODY);
	hub_stop(h->hub);
	h->hub = NULL;
	buf_addf(&bell, "%s/doorbell", h->dir);
	assert_int_equal(unlink(buf_str(&bell)), 0);
	assert_int_equal(mkdir(buf_str(&bell), 0700), 0);
	refuses_to_start(h);
	assert_int_equal(rmdir(buf_str(&bell)), 0);
	buf_done(&bell);
	assert_int_equal(testhub_start(h), DB_OK);
	hub_stop(h->hub);
	h->hub = NULL;
	spoil(h, "ALTER TABLE event RENAME COLUMN data TO lost");
	refuses_to_start(h);
	spoil(h,
	    "ALTER TABLE event RENAME COLUMN lost TO data;"
	    "DELETE FROM meta");
	refuses_to_start(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TESTHUB_TEST(
		    a_stream_begins_with_its_head_and_sync_and_hears_what_happens),
		TESTHUB_TEST(
		    who_comes_back_from_before_the_ring_gets_all_from_the_store),
		TESTHUB_TEST(
		    a_reader_that_the_ring_has_run_past_loses_and_repeats_nothing),
		TESTHUB_TEST(
		    who_is_behind_what_the_log_has_forgotten_is_sent_back),
		TESTHUB_TEST(
		    what_the_log_forgets_before_it_was_read_is_nobodys_silent_gap),
		TESTHUB_TEST(
		    a_waiting_poll_is_answered_at_the_first_event_and_closed),
		TESTHUB_TEST(
		    an_event_that_ends_a_seat_is_the_last_that_it_hears),
		TESTHUB_TEST(
		    a_socket_that_is_still_open_elsewhere_is_forgotten_at_its_end),
		cmocka_unit_test_setup_teardown(
		    streams_that_were_opened_together_do_not_end_together,
		    setup_clock, teardown_clock),
		TESTHUB_TEST(
		    a_stop_says_bye_to_everyone_and_gives_the_places_back),
		TESTHUB_TEST(
		    s3_9_a_newcomer_is_served_from_behind_what_was_erased_a_moment_ago),
		TESTHUB_TEST(a_hub_that_cannot_start_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
