/* The doorbell: a hint that the log has grown, which may get lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <poll.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/engine/sqlite/doorbell.h"
#include "db/rows/events.h"
#include "tests/lib/tmpdir.h"

struct fixture {
	char root[TMPDIR_SIZE];
	struct buf dir;
	struct store *store;
	int bell;
};

/*
 * Makes a store in a directory whose path continues with DEEPER, which may be
 * "".
 */
static struct fixture *
made(const char *deeper)
{
	struct fixture *f = calloc(1, sizeof(*f));

	tmpdir_make(f->root);
	buf_addf(&f->dir, "%s%s", f->root, deeper);
	f->store = tmpdir_new_store(buf_str(&f->dir), STORE_DIRECT);
	f->bell = doorbell_open();
	assert_true(f->bell >= 0);
	return f;
}

static int
setup(void **state)
{
	*state = made("");
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->bell);
	store_close(f->store);
	tmpdir_remove(f->root);
	buf_done(&f->dir);
	free(f);
	return 0;
}

static int
rang(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, 0) == 1;
}

static void
who_listens_hears_the_ring_until_it_is_drained(void **state)
{
	struct fixture *f = *state;
	int fd = store_wake_open(f->store, &(int){ 0 });

	assert_true(fd >= 0);
	assert_false(rang(fd));
	doorbell_ring(f->bell, buf_str(&f->dir));
	doorbell_ring(f->bell, buf_str(&f->dir));
	assert_true(rang(fd));
	doorbell_drain(fd);
	assert_false(rang(fd));
	(void)close(fd);
}

static void
E8_ringing_where_nobody_listens_is_lost_and_spoils_no_later_ring(void **state)
{
	struct fixture *f = *state;
	int fd;

	doorbell_ring(f->bell, buf_str(&f->dir));
	doorbell_ring(f->bell, "/nonexistent/place");
	fd = store_wake_open(f->store, &(int){ 0 });
	doorbell_ring(-1, buf_str(&f->dir));
	assert_false(rang(fd));
	(void)close(fd);
	doorbell_ring(f->bell, buf_str(&f->dir));
	fd = store_wake_open(f->store, &(int){ 0 });
	assert_false(rang(fd));
	doorbell_ring(f->bell, buf_str(&f->dir));
	assert_true(rang(fd));
	(void)close(fd);
}

static void
a_listener_that_never_looks_does_not_hold_up_who_rings(void **state)
{
	struct fixture *f = *state;
	int fd = store_wake_open(f->store, &(int){ 0 });

	for (int i = 0; i < 100000; i++)
		doorbell_ring(f->bell, buf_str(&f->dir));
	assert_true(rang(fd));
	doorbell_drain(fd);
	assert_false(rang(fd));
	(void)close(fd);
}

static void
the_last_who_listens_takes_the_place(void **state)
{
	struct fixture *f = *state;
	int first = store_wake_open(f->store, &(int){ 0 });
	int second = store_wake_open(f->store, &(int){ 0 });

	assert_true(first >= 0 && second >= 0);
	doorbell_ring(f->bell, buf_str(&f->dir));
	assert_false(rang(first));
	assert_true(rang(second));
	(void)close(first);
	doorbell_ring(f->bell, buf_str(&f->dir));
	doorbell_drain(second);
	doorbell_ring(f->bell, buf_str(&f->dir));
	assert_true(rang(second));
	(void)close(second);
}

static void
who_may_write_to_the_directory_may_ring(void **state)
{
	struct fixture *f = *state;
	static const mode_t dirs[] = { 0700, 0770 }, bells[] = { 0600, 0660 };
	struct buf path = BUF_INIT;
	struct stat st;

	buf_addf(&path, "%s/doorbell", buf_str(&f->dir));
	for (int i = 0; i < 2; i++) {
		int fd;

		assert_int_equal(chmod(buf_str(&f->dir), dirs[i]), 0);
		fd = store_wake_open(f->store, &(int){ 0 });
		assert_int_equal(stat(buf_str(&path), &st), 0);
		assert_int_equal(st.st_mode & 0777, bells[i]);
		(void)close(fd);
	}
	buf_done(&path);
}

static enum db_rc
append(struct db *db, void *arg)
{
	struct scope scope = { SCOPE_ROOM, 1 };
	struct buf data = BUF_INIT;
	enum db_rc rc;

	buf_adds(&data, "{}");
	rc = events_append(db, scope, EVENT_MESSAGE, &data, EVENT_ENDS_NOBODY);
	buf_done(&data);
	return rc == DB_OK ? *(enum db_rc *)arg : rc;
}

static void
an_appended_event_rings_and_one_that_was_undone_does_not(void **state)
{
	struct fixture *f = *state;
	int fd = store_wake_open(f->store, &(int){ 0 });
	enum db_rc outcome = DB_CONFLICT;

	assert_int_equal(
	    db_write(store_db(f->store), append, &outcome), DB_CONFLICT);
	assert_false(rang(fd));
	outcome = DB_OK;
	assert_int_equal(db_write(store_db(f->store), append, &outcome), DB_OK);
	assert_true(rang(fd));
	(void)close(fd);
}

static void
a_directory_too_long_for_an_address_has_a_doorbell_too(void **state)
{
	static const char deep[] =
	    "/a-directory-whose-name-is-so-long-that-the-path-to-the-doorbell-in"
	    "-it-does-not-fit-into-the-address-of-a-socket-anymore";
	struct fixture *f = made(deep);
	void *it = f;
	int fd;

	(void)state;
	fd = store_wake_open(f->store, &(int){ 0 });
	assert_true(fd >= 0);
	doorbell_ring(f->bell, buf_str(&f->dir));
	assert_true(rang(fd));
	(void)close(fd);
	assert_int_equal(teardown(&it), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(who_listens_hears_the_ring_until_it_is_drained),
		TEST(
		    E8_ringing_where_nobody_listens_is_lost_and_spoils_no_later_ring),
		TEST(a_listener_that_never_looks_does_not_hold_up_who_rings),
		TEST(the_last_who_listens_takes_the_place),
		TEST(who_may_write_to_the_directory_may_ring),
		TEST(an_appended_event_rings_and_one_that_was_undone_does_not),
		cmocka_unit_test(
		    a_directory_too_long_for_an_address_has_a_doorbell_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
