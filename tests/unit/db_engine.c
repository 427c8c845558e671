/* The engine's promises to the layers above (db/engine/db.h, stmt.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "db/base/findings.h"
#include "db/chat/schema.h"
#include "db/engine/stmt.h"
#include "tests/lib/tmpdir.h"

enum { ADD, ADD_DEFERRED, COUNT, GET, N_SQL };

/* A table of the test's own schema would need migrations: node will do. */
static const char *const sql[N_SQL] = {
	[ADD] = "INSERT INTO node (id, lease) VALUES (?, ?) RETURNING id",
	[ADD_DEFERRED] = "INSERT INTO node (id, lease) VALUES (?, ?)",
	[COUNT] = "SELECT count(*) FROM node",
	[GET] = "SELECT lease FROM node WHERE id = ?",
};
static const struct sql test_sql = { SQL_FIRST, sql, N_SQL };
static const struct sql *const files[] = { &test_sql };

static enum db_rc
fine(struct db *db)
{
	(void)db;
	return DB_OK;
}

static enum db_rc
shift(struct db *db, int64_t from, int64_t to)
{
	(void)db;
	(void)from;
	(void)to;
	return DB_OK;
}

static const struct schema schema = { .files = files,
	.n_files = 1,
	.restart_check = fine,
	.restart = fine,
	.shift_leases = shift,
	.touch = fine };

struct place {
	char dir[TMPDIR_SIZE];
	struct store *store;
	struct db *db;
};

static int
setup(void **state)
{
	static struct place p;
	struct store_options o = {
		.dir = p.dir, .schema = &schema, .mode = STORE_DIRECT
	};

	tmpdir_make(p.dir);
	store_close(tmpdir_new_store(p.dir, STORE_DIRECT));
	assert_int_equal(store_open(&o, &p.store), DB_OK);
	p.db = store_db(p.store);
	*state = &p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	store_close(p->store);
	tmpdir_remove(p->dir);
	return 0;
}

static int64_t
count(struct db *db)
{
	int64_t n = -1;

	assert_int_equal(stmt_one(db, &test_sql, COUNT, NO_ARGS, &n), DB_OK);
	return n;
}

static enum db_rc
add(struct db *db, void *arg)
{
	return stmt_insert(
	    db, &test_sql, ADD, ARGS(NULL_ARG, INT(7)), (int64_t *)arg);
}

static enum db_rc
add_taken(struct db *db, void *arg)
{
	int64_t *id = arg;

	return stmt_insert(db, &test_sql, ADD, ARGS(INT(*id), INT(7)), id);
}

static void
an_insert_gives_the_id_of_its_row(void **state)
{
	struct place *p = *state;
	int64_t first = 0, second = 0, lease = 0;

	assert_int_equal(db_write(p->db, add, &first), DB_OK);
	assert_int_equal(db_write(p->db, add, &second), DB_OK);
	assert_true(first > 0 && second > first);
	assert_int_equal(
	    stmt_one(p->db, &test_sql, GET, ARGS(INT(second)), &lease), DB_OK);
	assert_int_equal(lease, 7);
	assert_int_equal(db_write(p->db, add_taken, &second), DB_CONFLICT);
	assert_int_equal(count(p->db), 2);
}

static enum db_rc
defer(struct db *db, void *arg)
{
	const int64_t *id = arg;

	stmt_defer(db, &test_sql, ADD_DEFERRED, ARGS(INT(*id), INT(1)));
	return DB_OK;
}

static enum db_rc
defer_twice(struct db *db, void *arg)
{
	(void)defer(db, arg);
	return defer(db, arg);
}

static void
a_deferred_run_is_kept_with_its_job(void **state)
{
	struct place *p = *state;
	int64_t id = 5;

	assert_int_equal(db_write(p->db, defer, &id), DB_OK);
	assert_int_equal(count(p->db), 1);
}

static void
a_deferred_run_that_fails_undoes_its_job(void **state)
{
	struct place *p = *state;
	int64_t id = 5, other = 6;

	assert_int_equal(db_write(p->db, defer_twice, &id), DB_FAIL);
	assert_int_equal(count(p->db), 0);
	/* The failure of one job does not affect the next. */
	assert_int_equal(db_write(p->db, defer, &other), DB_OK);
	assert_int_equal(
	    db_write_checked(p->db, NULL, defer_twice, &id), DB_FAIL);
	assert_int_equal(count(p->db), 1);
}

struct asking {
	int asked, ran;
};

static void
ask(struct db *db, void *arg)
{
	struct asking *a = arg;

	assert_int_equal(a->ran, 0);
	stmt_ask(db, &test_sql, GET, ARGS(INT(1)));
	a->asked++;
}

static enum db_rc
read_asked(struct db *db, void *arg)
{
	struct asking *a = arg;
	int64_t lease;

	a->ran++;
	return stmt_one(db, &test_sql, GET, ARGS(INT(1)), &lease);
}

static void
a_read_that_was_asked_for_is_made_as_always(void **state)
{
	struct place *p = *state;
	struct asking a = { 0 };

	assert_int_equal(db_write_checked(p->db, ask, read_asked, &a), DB_NONE);
	assert_int_equal(a.asked, 1);
	assert_int_equal(a.ran, 1);
}

static void
a_chore_is_a_write_that_may_find_nothing_to_do(void **state)
{
	struct place *p = *state;
	struct asking a = { 0 };
	int64_t id;

	assert_int_equal(db_chore(p->db, add, &id), DB_OK);
	assert_int_equal(db_chore_freeing(p->db, add, &id), DB_OK);
	assert_int_equal(db_chore(p->db, read_asked, &a), DB_OK);
	assert_int_equal(count(p->db), 2);
}

static void
lease_time_runs_on_and_its_run_has_one_name(void **state)
{
	struct place *p = *state;
	struct buf one = BUF_INIT, other = BUF_INIT;
	int64_t before = db_lease_now(p->db);

	assert_true(db_lease_now(p->db) >= before);
	db_add_lease_run(p->db, &one);
	db_add_lease_run(p->db, &other);
	assert_true(one.len > 0);
	assert_string_equal(buf_str(&one), buf_str(&other));
	buf_done(&one);
	buf_done(&other);
}

static void
keep(const char *finding, void *arg)
{
	buf_adds(arg, finding);
}

static void
a_finding_holds_no_control_characters(void **state)
{
	struct buf text = BUF_INIT;
	struct findings f = { keep, &text, 0 };

	(void)state;
	findings_add(&f, "a %s",
	    "b\n\x1b[31m\x7f"
	    "c");
	assert_string_equal(buf_str(&text), "a b  [31m c");
	assert_int_equal(f.n, 1);
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_insert_gives_the_id_of_its_row, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_deferred_run_is_kept_with_its_job, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_deferred_run_that_fails_undoes_its_job, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_read_that_was_asked_for_is_made_as_always, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_chore_is_a_write_that_may_find_nothing_to_do, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    lease_time_runs_on_and_its_run_has_one_name, setup,
		    teardown),
		cmocka_unit_test(a_finding_holds_no_control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
