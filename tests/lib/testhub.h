/*
 * testhub: a hub on a store of its own, whose subscribers are at the other end
 * of socket pairs.
 *
 * It is the cmocka state of a TESTHUB_TEST.  The events that it appends are
 * messages {"n":1}, {"n":2} and so on, so that a reader can see whether each
 * arrived once and in order.
 */
#ifndef TESTS_LIB_TESTHUB_H
#define TESTS_LIB_TESTHUB_H

#include "db/base/buf.h"
#include "db/base/settings.h"
#include "db/rows/events.h"
#include "poller/hub.h"
#include "tests/lib/tmpdir.h"

enum {
	TESTHUB_ROOM = 7,
	TESTHUB_CHATTER = 3,
	TESTHUB_RING = 16, /* events that the hub keeps in memory */
	TESTHUB_LIMIT_MS = 10000
};

extern const struct scope testhub_room;

/* A client's "+8" and "-8" enter and leave room 8. */
extern const struct command_handler testhub_handler;

struct testhub {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct settings settings;
	struct stream_quota *quota;
	struct request_quota *waiting;
	struct hub *hub;
	/* When it is not 0, each new subscriber has a connection's name. */
	int distinct;
	uint64_t address; /* of new subscribers; 0: unknown */
	/* Where the connections of polls go on; NULL: they are closed. */
	const struct reuse *reuse;
};

int testhub_setup(void **state);
int testhub_teardown(void **state);

/* Starts the hub of *H; for testhub_setup and after hub_stop. */
enum db_rc testhub_start(struct testhub *h);

#define TESTHUB_TEST(name) \
	cmocka_unit_test_setup_teardown(name, testhub_setup, testhub_teardown)

/* N events with the numbers from FROM on, each with ENDS. */
struct testhub_events {
	int from, n;
	int64_t ends;
};

/* Appends them to the log; for db_write(), to testhub_room. */
enum db_rc testhub_append_to(
    struct db *db, struct scope scope, const struct testhub_events *e);
enum db_rc testhub_append(struct db *db, void *arg);

/* Appends N events to the room in one commit. */
void testhub_add(struct testhub *h, int from, int n, int64_t ends);

/*
 * Adds a subscriber of the room from CURSOR on.  Returns the other end of its
 * socket, to be closed by the caller.
 */
int testhub_subscribe(
    struct testhub *h, const struct protocol *protocol, int64_t cursor);

/* As above; *KEPT, unless KEPT is NULL, is another descriptor of the hub's end. */
int testhub_subscribe_kept(struct testhub *h, const struct protocol *protocol,
    int64_t cursor, int *kept);

/* Appends what arrives to TEXT until WANTED is in it; NULL: until the end. */
void testhub_read(int fd, const char *wanted, struct buf *text);

/* Fails unless TEXT has the numbers FROM to UPTO, each once and in order. */
void testhub_assert_numbers(const struct buf *text, int from, int upto);

#endif
