/* A store forgets leases after a restart of the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "db/chat/leases.h"
#include "db/rows/listeners.h"
#include "db/rows/nodes.h"
#include "db/chat/arrivals.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/tmpdir.h"

enum { LEASE = 100000000 };

static void
start_machine_anew(struct fixture *f)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	store_close(f->store);
	buf_addf(&path, "%s/parlor.db", f->dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(
		sqlite, "UPDATE meta SET boot = 'another'", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&path);
	fake_clock_lease = 1;
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	f->db = store_db(f->store);
}

static enum db_rc
renew(struct db *db, void *arg)
{
	return leases_renew_node(db, *(struct node_id *)arg, LEASE);
}

static void
a_daemon_of_before_has_no_lease_any_more(void **state)
{
	struct fixture *f = *state;
	struct node_id node = make_node(f, LEASE);

	assert_int_equal(db_write(f->db, renew, &node), DB_OK);
	start_machine_anew(f);
	assert_int_equal(db_write(f->db, renew, &node), DB_NONE);
}

struct listening {
	struct user_id user;
	struct entry entry;
	struct listener_id id;
};

static enum db_rc
listen(struct db *db, void *arg)
{
	struct listening *l = arg;

	return arrivals_listen(db, l->user, &l->entry, &l->id);
}

static void
nobody_of_before_listens_any_more(void **state)
{
	struct fixture *f = *state;
	struct listening l = { .user = make_user(f),
		.entry = {
		    TRANSPORT_STREAM, "tab", make_node(f, LEASE), 0, 700 } };

	assert_int_equal(db_write(f->db, listen, &l), DB_OK);
	assert_int_equal(listeners_any(f->db, l.user), DB_OK);
	start_machine_anew(f);
	assert_int_equal(listeners_any(f->db, l.user), DB_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_daemon_of_before_has_no_lease_any_more, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    nobody_of_before_listens_any_more, fixture_setup,
		    fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
