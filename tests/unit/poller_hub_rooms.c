/* Rooms that come and go while a stream is open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "db/rows/events.h"
#include "poller/proto/websocket.h"
#include "tests/lib/testhub.h"

static int
holds(const struct buf *b, const char *text)
{
	return memmem(b->p, b->len, text, strlen(text)) != NULL;
}

/* Sends TEXT as a client does; the mask of zeros changes nothing. */
static void
ask(int fd, const char *text)
{
	struct buf b = BUF_INIT;

	buf_addc(&b, '\x81');
	buf_addc(&b, (char)(0x80 | strlen(text)));
	buf_add(&b, "\0\0\0\0", 4);
	buf_adds(&b, text);
	assert_int_equal(write(fd, b.p, b.len), b.len);
	buf_done(&b);
}

static enum db_rc
append_to(struct db *db, void *arg)
{
	struct scope scope = { SCOPE_ROOM, *(int64_t *)arg };
	struct buf data = BUF_INIT;
	enum db_rc rc;

	buf_addf(&data, "{\"in\":%" PRId64 "}", scope.id);
	rc = events_append(db, scope, EVENT_MESSAGE, &data, EVENT_ENDS_NOBODY);
	buf_done(&data);
	return rc;
}

static void
happen_in(struct testhub *h, int64_t id)
{
	assert_int_equal(db_write(store_db(h->store), append_to, &id), DB_OK);
}

static void
S1_9_rooms_come_and_go_on_an_open_stream(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int fd = testhub_subscribe(h, &websocket_protocol, 0);

	happen_in(h, 100);
	/* One more than the seats at the opening, again and again. */
	for (int64_t id = 100; id < 110; id++) {
		struct buf text = BUF_INIT;

		buf_addf(&text, "+%" PRId64, id);
		ask(fd, buf_str(&text));
		buf_clear(&text);
		buf_addf(&text, "\"room\":\"%" PRId64 "\",\"recovered\"", id);
		testhub_read(fd, buf_str(&text), &heard);
		buf_done(&text);
	}
	assert_false(holds(&heard, "{\"in\":100}"));
	for (int64_t id = 100; id < 110; id++)
		happen_in(h, id);
	testhub_read(fd, "{\"in\":109}", &heard);
	assert_true(holds(&heard, "{\"in\":100}"));
	ask(fd, "-105");
	testhub_read(
	    fd, "\"unsubscribed\",\"data\":{\"room\":\"105\"}", &heard);
	buf_clear(&heard);
	happen_in(h, 105);
	happen_in(h, 104);
	testhub_read(fd, "{\"in\":104}", &heard);
	assert_false(holds(&heard, "{\"in\":105}"));
	/* Its place is taken by the next one. */
	ask(fd, "+111");
	testhub_read(fd, "\"111\"", &heard);
	happen_in(h, 111);
	testhub_read(fd, "{\"in\":111}", &heard);
	buf_done(&heard);
	(void)close(fd);
}

static void
S1_9_no_stream_hears_more_rooms_than_one_may(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int fd = testhub_subscribe(h, &websocket_protocol, 0);

	for (int i = 1; i < SUBSCRIPTION_ROOMS_MAX; i++) {
		struct buf text = BUF_INIT;

		buf_addf(&text, "+%d", 100 + i);
		ask(fd, buf_str(&text));
		buf_done(&text);
	}
	ask(fd, "+999");
	testhub_read(fd, "\"refused\",\"data\":{\"room\":\"999\"", &heard);
	ask(fd, "-101");
	ask(fd, "+999");
	testhub_read(fd, "\"room\":\"999\",\"recovered\"", &heard);
	buf_done(&heard);
	(void)close(fd);
}

static void
P9_a_hub_that_stops_waits_for_no_client_that_goes_on_asking(void **state)
{
	struct testhub *h = *state;
	struct buf heard = BUF_INIT;
	int fds[8];

	h->distinct = 1;
	for (size_t i = 0; i < 8; i++) {
		fds[i] = testhub_subscribe(h, &websocket_protocol, 0);
		for (int j = 0; j < 50; j++)
			ask(fds[i], "+8");
	}
	testhub_read(fds[7], "\"room\":\"8\"", &heard);
	hub_stop(h->hub);
	h->hub = NULL;
	for (size_t i = 0; i < 8; i++)
		(void)close(fds[i]);
	buf_done(&heard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TESTHUB_TEST(S1_9_rooms_come_and_go_on_an_open_stream),
		TESTHUB_TEST(S1_9_no_stream_hears_more_rooms_than_one_may),
		TESTHUB_TEST(
		    P9_a_hub_that_stops_waits_for_no_client_that_goes_on_asking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
