#include "tests/lib/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdlib.h>

#include "db/base/buf.h"
#include "tests/lib/fake_clock.h"

int
fixture_setup_mode(void **state, enum store_mode mode)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fake_clock_install();
	tmpdir_make(f->dir);
	f->store = tmpdir_new_store(f->dir, mode);
	f->db = store_db(f->store);
	*state = f;
	return 0;
}

int
fixture_setup(void **state)
{
	return fixture_setup_mode(state, STORE_DIRECT);
}

int
fixture_teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	tmpdir_remove(f->dir);
	free(f);
	return 0;
}

void
fixture_reboot(struct fixture *f, int64_t lease)
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
	fake_clock_lease = lease;
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	f->db = store_db(f->store);
}

int64_t
fixture_online(struct fixture *f, const struct room *room)
{
	struct room now;

	assert_int_equal(rooms_get(f->db, room->id, &now), DB_OK);
	return now.online;
}
