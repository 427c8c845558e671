/*
 * fixture: a store for one test, in a directory of its own, with the fake
 * clock installed.
 *
 * It is the cmocka state of a FIXTURE_TEST.  tests/lib/make.h fills it, tests/lib/act.h does in it
 * what people do, and tests/lib/eventlog.h reads what they are told.
 */
#ifndef TESTS_LIB_FIXTURE_H
#define TESTS_LIB_FIXTURE_H

#include "db/engine/db.h"
#include "db/chat/say.h"
#include "db/rows/rooms.h"
#include "tests/lib/tmpdir.h"

/* How long a member of a room may be away, and what a join leases; in ms. */
enum { FIXTURE_GRACE = 5000, FIXTURE_LEASE = 30000 };

struct fixture {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct db *db;
	/* The results of the last write of tests/lib/write.h. */
	enum problem why;
	struct sent_result sent;
	int made;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

#define FIXTURE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* As fixture_setup(), for a store of that mode. */
int fixture_setup_mode(void **state, enum store_mode mode);

/*
 * Closes the store and opens it again as after a restart of the machine, on
 * which the lease clock shows LEASE.
 */
void fixture_reboot(struct fixture *f, int64_t lease);

/* How many are online in the room, whatever ROOM said when it was read. */
int64_t fixture_online(struct fixture *f, const struct room *room);

#endif
