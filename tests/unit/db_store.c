/* The store: one way to write, shared commits, the lock between processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/chat/schema.h"
#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/engine/migrations.h"
#include "db/engine/db.h"
#include "db/rows/events.h"
#include "db/engine/sqlite/migrate.h"
#include "tests/lib/tmpdir.h"

struct fixture {
	char dir[TMPDIR_SIZE];
	struct store *store;
};

enum { AWAITED_MS = 30000 };

static const struct scope here = { SCOPE_ROOM, 1 };

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	tmpdir_make(f->dir);
	f->store = tmpdir_new_store(f->dir, STORE_THREAD);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	tmpdir_remove(f->dir);
	free(f);
	return 0;
}

static enum db_rc
append(struct db *db, void *arg)
{
	struct buf data = BUF_INIT;
	enum db_rc rc;

	buf_addf(&data, "{\"n\":%d}", *(int *)arg);
	rc = events_append(db, here, EVENT_MESSAGE, &data, EVENT_ENDS_NOBODY);
	buf_done(&data);
	return rc;
}

static enum db_rc
append_then_refuse(struct db *db, void *arg)
{
	assert_int_equal(append(db, arg), DB_OK);
	return DB_CONFLICT;
}

static int64_t
head(struct store *store)
{
	struct log_state log;

	assert_int_equal(events_state(store_db(store), &log), DB_OK);
	return log.head;
}

static void
a_write_that_was_answered_is_there_when_the_store_is_opened_anew(void **state)
{
	struct fixture *f = *state;
	int n = 1;

	assert_int_equal(db_write(store_db(f->store), append, &n), DB_OK);
	store_close(f->store);
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	assert_int_equal(head(f->store), 1);
}

static void
a_job_that_refuses_is_undone_alone(void **state)
{
	struct fixture *f = *state;
	int n = 1;

	assert_int_equal(db_write(store_db(f->store), append, &n), DB_OK);
	assert_int_equal(
	    db_write(store_db(f->store), append_then_refuse, &n), DB_CONFLICT);
	assert_int_equal(head(f->store), 1);
}

enum { WRITERS = 16, WRITES = 50 };

static void *
write_many(void *arg)
{
	struct store *store = arg;
	struct db *db;

	assert_int_equal(db_open(store, &db), DB_OK);
	for (int i = 0; i < WRITES; i++)
		assert_int_equal(
		    db_write(db, i % 5 == 4 ? append_then_refuse : append, &i),
		    i % 5 == 4 ? DB_CONFLICT : DB_OK);
	db_close(db);
	return NULL;
}

static void
write_from_many_threads(struct store *store)
{
	pthread_t threads[WRITERS];

	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, write_many, store), 0);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void
many_writers_share_commits_and_each_keeps_only_what_was_not_refused(
    void **state)
{
	struct fixture *f = *state;
	struct store_counts counts;

	write_from_many_threads(f->store);
	assert_int_equal(head(f->store), WRITERS * WRITES * 4 / 5);
	store_count(f->store, &counts);
	assert_true(counts.jobs >= WRITERS * WRITES);
	assert_true(counts.commits < counts.jobs);
	assert_int_equal(counts.failures, 0);
}

static void
two_processes_write_without_a_refusal_and_nothing_is_lost(void **state)
{
	struct fixture *f = *state;
	pid_t child;
	int status;

	store_close(f->store);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		f->store = tmpdir_open_store(f->dir, STORE_THREAD);
		write_from_many_threads(f->store);
		store_close(f->store);
		_exit(0);
	}
	f->store = tmpdir_open_store(f->dir, STORE_THREAD);
	write_from_many_threads(f->store);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(head(f->store), 2 * WRITERS * WRITES * 4 / 5);
}

static void
the_write_ahead_log_is_checkpointed_by_the_writer_and_stays_short(void **state)
{
	struct fixture *f = *state;
	struct store_options o = { .schema = &schema_chat,
		.dir = f->dir,
		.mode = STORE_THREAD,
		.wal_pages = 100 };
	struct store_counts counts;
	struct buf wal = BUF_INIT;
	struct stat st;

	store_close(f->store);
	assert_int_equal(store_open(&o, &f->store), DB_OK);
	write_from_many_threads(f->store);
	store_count(f->store, &counts);
	assert_true(counts.checkpoints > 0);
	buf_addf(&wal, "%s/parlor.db-wal", f->dir);
	assert_int_equal(stat(buf_str(&wal), &st), 0);
	assert_true(st.st_size < 4 * 1024 * 1024);
	buf_done(&wal);
}

static void *
write_one(void *arg)
{
	int n = 1;

	assert_int_equal(db_write(store_db(arg), append, &n), DB_OK);
	return NULL;
}

/* Whether somebody is queued for the lock on FD: "1: -> FLOCK ... 8:1:INODE". */
static int
is_awaited(int fd)
{
	FILE *locks = fopen("/proc/locks", "re");
	struct buf inode = BUF_INIT;
	char line[256];
	struct stat st;
	int found = 0;

	assert_non_null(locks);
	assert_int_equal(fstat(fd, &st), 0);
	buf_addf(&inode, ":%llu ", (unsigned long long)st.st_ino);
	while (!found && fgets(line, sizeof(line), locks) != NULL)
		found = strstr(line, "-> FLOCK") != NULL &&
		    strstr(line, buf_str(&inode)) != NULL;
	(void)fclose(locks);
	buf_done(&inode);
	return found;
}

static void
a_write_waits_for_the_lock_of_another_process(void **state)
{
	int64_t limit = clock_lease() + AWAITED_MS;
	struct fixture *f = *state;
	struct buf path = BUF_INIT;
	pthread_t thread;
	int fd;

	buf_addf(&path, "%s/parlor.lock", f->dir);
	fd = open(buf_str(&path), O_RDWR | O_CLOEXEC);
	/* A writer's lock excludes shared locks too. */
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_one, f->store), 0);
	while (!is_awaited(fd))
		assert_true(clock_lease() < limit);
	assert_int_equal(pthread_tryjoin_np(thread, NULL), EBUSY);
	assert_int_equal(head(f->store), 0);
	(void)close(fd);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(head(f->store), 1);
	buf_done(&path);
}

static atomic_int answered;

static void
count_answer(struct db_job *job, enum db_rc rc)
{
	assert_int_equal(rc, DB_OK);
	atomic_fetch_add(&answered, 1);
	free(job);
}

static void
what_was_posted_is_written_before_the_store_is_closed(void **state)
{
	struct fixture *f = *state;
	static int n = 1;

	atomic_store(&answered, 0);
	for (int i = 0; i < 100; i++) {
		struct db_job *job = calloc(1, sizeof(*job));

		*job = (struct db_job){
			.fn = append, .arg = &n, .done = count_answer
		};
		assert_int_equal(db_post(f->store, job), DB_OK);
	}
	store_close(f->store);
	assert_int_equal(atomic_load(&answered), 100);
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	assert_int_equal(head(f->store), 100);
}

static enum db_rc
refuse(struct db *db, void *arg)
{
	(void)db;
	(void)arg;
	return DB_CONFLICT;
}

static enum db_rc
wait_in_it(struct db *db, void *arg)
{
	(void)db;
	while (sem_wait(arg) != 0)
		continue;
	return DB_OK;
}

static void
nothing_more(struct db_job *job, enum db_rc rc)
{
	job->rc = rc;
}

/* Runs N jobs in one transaction and closes the store. */
static void
share(struct store *store, struct db_job *jobs, int n)
{
	struct db_job first = { .fn = wait_in_it, .done = nothing_more };
	sem_t others;

	assert_int_equal(sem_init(&others, 0, 0), 0);
	first.arg = &others;
	assert_int_equal(db_post(store, &first), DB_OK);
	for (int i = 0; i < n; i++) {
		jobs[i].done = nothing_more;
		assert_int_equal(db_post(store, &jobs[i]), DB_OK);
	}
	assert_int_equal(sem_post(&others), 0);
	store_close(store);
	assert_int_equal(sem_destroy(&others), 0);
}

static void
a_checked_job_that_refuses_leaves_the_others_alone(void **state)
{
	struct fixture *f = *state;
	int n = 1;
	struct db_job jobs[] = {
		{ .fn = append, .arg = &n },
		{ .fn = refuse, .checked = 1 },
		{ .fn = append, .arg = &n, .checked = 1 },
	};

	share(f->store, jobs, 3);
	assert_int_equal(jobs[0].rc, DB_OK);
	assert_int_equal(jobs[1].rc, DB_CONFLICT);
	assert_int_equal(jobs[2].rc, DB_OK);
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	assert_int_equal(head(f->store), 2);
}

static void
a_checked_job_that_breaks_its_word_fails_with_all_that_share(void **state)
{
	struct fixture *f = *state;
	int n = 1;
	struct db_job jobs[] = {
		{ .fn = append, .arg = &n },
		{ .fn = append_then_refuse, .arg = &n, .checked = 1 },
		{ .fn = append, .arg = &n },
	};

	share(f->store, jobs, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(jobs[i].rc, DB_FAIL);
	f->store = tmpdir_open_store(f->dir, STORE_DIRECT);
	assert_int_equal(head(f->store), 0);
}

static enum db_rc
see_no_change(struct db *db, void *arg)
{
	struct store *store = arg;
	struct log_state before, after;
	pthread_t thread;

	assert_int_equal(events_state(db, &before), DB_OK);
	assert_int_equal(pthread_create(&thread, NULL, write_one, store), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(events_state(db, &after), DB_OK);
	assert_int_equal(before.head, after.head);
	return DB_OK;
}

static void
a_read_sees_one_moment_while_others_write(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    db_read(store_db(f->store), see_no_change, f->store), DB_OK);
	assert_int_equal(head(f->store), 1);
}

static void
set_schema(const struct fixture *f, int number)
{
	struct buf path = BUF_INIT, pragma = BUF_INIT;
	sqlite3 *sqlite;

	buf_addf(&path, "%s/parlor.db", f->dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	buf_addf(&pragma, "PRAGMA user_version = %d", number);
	assert_int_equal(
	    sqlite3_exec(sqlite, buf_str(&pragma), NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&pragma);
	buf_done(&path);
}

static void
a_database_of_another_schema_is_refused_by_store_and_migration(void **state)
{
	struct fixture *f = *state;
	struct store_options o = { .schema = &schema_chat,
		.dir = f->dir,
		.mode = STORE_DIRECT,
		.wal_pages = 4000 };
	struct store *none = NULL;

	set_schema(f, 999);
	assert_int_equal(store_open(&o, &none), DB_NONE);
	assert_null(none);
	assert_int_equal(migrate_run(f->dir, &schema_chat), DB_FAIL);
	set_schema(f, store_schema);
	assert_int_equal(migrate_run(f->dir, &schema_chat), DB_OK);
}

static void
where_there_is_no_database_the_store_does_not_make_one(void **state)
{
	struct store_options o = { .dir = "/tmp/parlor-nowhere",
		.schema = &schema_chat,
		.mode = STORE_DIRECT,
		.wal_pages = 4000 };
	struct store *none = NULL;

	(void)state;
	assert_int_equal(store_open(&o, &none), DB_NONE);
	assert_int_not_equal(access("/tmp/parlor-nowhere/parlor.db", F_OK), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(
		    a_write_that_was_answered_is_there_when_the_store_is_opened_anew),
		TEST(a_job_that_refuses_is_undone_alone),
		TEST(
		    many_writers_share_commits_and_each_keeps_only_what_was_not_refused),
		TEST(two_processes_write_without_a_refusal_and_nothing_is_lost),
		TEST(
		    the_write_ahead_log_is_checkpointed_by_the_writer_and_stays_short),
		TEST(a_write_waits_for_the_lock_of_another_process),
		TEST(what_was_posted_is_written_before_the_store_is_closed),
		TEST(a_checked_job_that_refuses_leaves_the_others_alone),
		TEST(
		    a_checked_job_that_breaks_its_word_fails_with_all_that_share),
		TEST(a_read_sees_one_moment_while_others_write),
		TEST(
		    a_database_of_another_schema_is_refused_by_store_and_migration),
		TEST(where_there_is_no_database_the_store_does_not_make_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
