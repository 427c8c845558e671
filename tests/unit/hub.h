/*
 * hub: a hub on a store of the test's own, with subscribers on socket pairs.
 */
#ifndef TESTS_UNIT_HUB_H
#define TESTS_UNIT_HUB_H

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/rows/events.h"
#include "poller/hub.h"
#include "tests/unit/tmpdir.h"

enum { ROOM = 7, CHATTER = 3, LIMIT_MS = 10000 };

static const struct scope room = { SCOPE_ROOM, ROOM };

struct place {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct settings settings;
	struct stream_quota *caps;
	struct hub *hub;
	int apart; /* each subscriber to come has a name of its own */
};

static inline int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct stream_quota_limits limits = { 100, 0, 0 };

	tmpdir_make(p->dir);
	p->store = tmpdir_store(p->dir, STORE_THREAD);
	settings_default(&p->settings);
	p->settings.ring_events = 16;
	p->caps = stream_quota_open(&limits);
	assert_int_equal(
	    hub_start(p->store, &p->settings, p->caps, NULL, &p->hub), DB_OK);
	*state = p;
	return 0;
}

static inline int
teardown(void **state)
{
	struct place *p = *state;

	hub_stop(p->hub);
	stream_quota_close(p->caps);
	store_close(p->store);
	tmpdir_remove(p->dir);
	free(p);
	return 0;
}

struct many {
	int from, n;
	int64_t ends;
};

static inline enum db_rc
append_to(struct db *db, struct scope scope, const struct many *m)
{
	enum db_rc rc = DB_OK;

	for (int i = m->from; rc == DB_OK && i < m->from + m->n; i++) {
		struct buf data = BUF_INIT;

		buf_addf(&data, "{\"n\":%d}", i);
		rc = events_append(db, scope, EVENT_MESSAGE, &data, m->ends);
		buf_done(&data);
	}
	return rc;
}

static inline enum db_rc
append(struct db *db, void *arg)
{
	return append_to(db, room, arg);
}

static inline void
happen(struct place *p, int from, int n, int64_t ends)
{
	struct many m = { from, n, ends };

	assert_int_equal(db_write(store_db(p->store), append, &m), DB_OK);
}

/*
 * A subscriber from CURSOR on; the other end of its socket.  KEPT, when it is
 * not NULL, gets another descriptor of the hub's end.
 */
static inline int
subscribe_kept(
    struct place *p, enum delivery delivery, int64_t cursor, int *kept)
{
	struct subscription sub = { .delivery = delivery,
		.wait = LIMIT_MS,
		.user = { 1 },
		.n = 1,
		.cursor = cursor,
		.recovered = 1 };
	struct stream_quota_owner owner = { 1, 0 };
	int pair[2], small = 4096;

	if (p->apart)
		(void)snprintf(sub.conn, sizeof(sub.conn), "%d", p->apart++);
	sub.seats[0] = (struct seat){ { ROOM }, { CHATTER }, { 0 } };
	assert_int_equal(events_state(store_db(p->store), &sub.log), DB_OK);
	assert_int_equal(stream_quota_take(p->caps, &owner), STREAM_QUOTA_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	(void)setsockopt(pair[1], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (kept != NULL)
		*kept = dup(pair[0]);
	hub_add(p->hub, pair[0], &sub, &owner);
	return pair[1];
}

static inline int
subscribe(struct place *p, enum delivery delivery, int64_t cursor)
{
	return subscribe_kept(p, delivery, cursor, NULL);
}

/* Reads until WANTED is there, or to the end when it is NULL. */
static inline void
hear(int fd, const char *wanted, struct buf *heard)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t n;

	while (wanted == NULL || heard->p == NULL ||
	    strstr(heard->p, wanted) == NULL) {
		assert_int_equal(poll(&ready, 1, LIMIT_MS), 1);
		n = read(fd, buf_space(heard, 4096), 4096);
		if (n <= 0)
			break;
		heard->len += (size_t)n;
		heard->p[heard->len] = '\0';
	}
	assert_true(wanted == NULL || strstr(buf_str(heard), wanted) != NULL);
}

/* Asserts that HEARD has {"n":FROM} to {"n":UPTO}, each once, in order. */
static inline void
assert_run(const struct buf *heard, int from, int upto)
{
	const char *p = buf_str(heard);

	for (int i = from; i <= upto; i++) {
		p = strstr(p, "{\"n\":");
		assert_non_null(p);
		p += sizeof("{\"n\":") - 1;
		assert_int_equal(strtol(p, NULL, 10), i);
	}
	assert_null(strstr(p, "{\"n\":"));
}

#define HUB_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
