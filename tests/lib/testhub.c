#include "tests/lib/testhub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const struct scope testhub_room = { SCOPE_ROOM, TESTHUB_ROOM };

/* "+8" enters the room 8 and "-8" leaves it; all else is refused. */
static void
carry_out(void *arg, struct db *db, struct command *c)
{
	const char *text = buf_str(&c->message);
	struct subscription *sub = &c->sub;

	(void)arg;
	c->why = PROBLEM_MALFORMED_REQUEST;
	if (text[0] != '+' && text[0] != '-')
		return;
	sub->n = 1;
	sub->seats[0] = (struct seat){ .room = { strtoll(text + 1, NULL, 10) },
		.chatter = { 5 } };
	assert_int_equal(events_state(db, &sub->log), DB_OK);
	sub->cursor = sub->log.head;
	sub->recovered = 1;
	buf_adds(&c->room, text + 1);
	c->outcome = text[0] == '+' ? COMMAND_ENTERED : COMMAND_LEFT;
}

const struct command_handler testhub_handler = { carry_out, NULL };

enum db_rc
testhub_start(struct testhub *h)
{
	struct hub_quotas quotas = { h->quota, h->waiting };

	return hub_start(h->store, &h->settings, &quotas, &(struct notes){ 0 },
	    &testhub_handler, &h->hub);
}

int
testhub_setup(void **state)
{
	struct testhub *h = calloc(1, sizeof(*h));
	struct stream_quota_limits limits = { 100, 0, 0 };

	tmpdir_make(h->dir);
	h->store = tmpdir_new_store(h->dir, STORE_THREAD);
	settings_default(&h->settings);
	h->settings.ring_events = TESTHUB_RING;
	h->quota = stream_quota_open(&limits);
	h->waiting = request_quota_open(&h->settings);
	assert_int_equal(testhub_start(h), DB_OK);
	*state = h;
	return 0;
}

int
testhub_teardown(void **state)
{
	struct testhub *h = *state;

	hub_stop(h->hub);
	stream_quota_close(h->quota);
	request_quota_close(h->waiting);
	store_close(h->store);
	tmpdir_remove(h->dir);
	free(h);
	return 0;
}

enum db_rc
testhub_append_to(
    struct db *db, struct scope scope, const struct testhub_events *m)
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

enum db_rc
testhub_append(struct db *db, void *arg)
{
	return testhub_append_to(db, testhub_room, arg);
}

void
testhub_add(struct testhub *h, int from, int n, int64_t ends)
{
	struct testhub_events m = { from, n, ends };

	assert_int_equal(
	    db_write(store_db(h->store), testhub_append, &m), DB_OK);
}

int
testhub_subscribe_kept(struct testhub *h, const struct protocol *protocol,
    int64_t cursor, int *kept)
{
	struct subscription sub = { .protocol = protocol,
		.wait = TESTHUB_LIMIT_MS,
		.user = { 1 },
		.n = 1,
		.cursor = cursor,
		.recovered = 1 };
	struct stream_quota_owner owner = { 1, h->address };
	struct buf head = BUF_INIT;
	int pair[2], small = 4096;

	if (h->distinct)
		(void)snprintf(sub.conn, sizeof(sub.conn), "%d", h->distinct++);
	sub.seats[0] = (struct seat){ .room = { TESTHUB_ROOM },
		.chatter = { TESTHUB_CHATTER } };
	assert_int_equal(events_state(store_db(h->store), &sub.log), DB_OK);
	assert_int_equal(stream_quota_take(h->quota, &owner), STREAM_QUOTA_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	(void)setsockopt(pair[1], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (kept != NULL)
		*kept = dup(pair[0]);
	hub_add(h->hub, pair[0], &sub, &owner, &head, h->reuse);
	return pair[1];
}

int
testhub_subscribe(
    struct testhub *h, const struct protocol *protocol, int64_t cursor)
{
	return testhub_subscribe_kept(h, protocol, cursor, NULL);
}

/* Frames of some protocols have zero bytes. */
static int
holds(const struct buf *b, const char *text)
{
	return b->len > 0 && memmem(b->p, b->len, text, strlen(text)) != NULL;
}

void
testhub_read(int fd, const char *wanted, struct buf *text)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t n;

	while (wanted == NULL || text->p == NULL || !holds(text, wanted)) {
		assert_int_equal(poll(&ready, 1, TESTHUB_LIMIT_MS), 1);
		n = read(fd, buf_space(text, 4096), 4096);
		if (n <= 0)
			break;
		text->len += (size_t)n;
		text->p[text->len] = '\0';
	}
	assert_true(wanted == NULL || holds(text, wanted));
}

void
testhub_assert_numbers(const struct buf *text, int from, int upto)
{
	const char *p = buf_str(text);

	for (int i = from; i <= upto; i++) {
		p = strstr(p, "{\"n\":");
		assert_non_null(p);
		p += sizeof("{\"n\":") - 1;
		assert_int_equal(strtol(p, NULL, 10), i);
	}
	assert_null(strstr(p, "{\"n\":"));
}
