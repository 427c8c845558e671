/* The writer's queue, with an engine that only notes how it is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <semaphore.h>
#include <stdlib.h>

#include "db/base/buf.h"
#include "db/engine/writer.h"

/* The calls in their order, a letter each. */
struct fake {
	struct buf calls;
	enum db_rc take, begin, run, commit;
	int connected; /* 0: there is no connection */
	int locked; /* another program keeps the store until GO */
	sem_t entered, go; /* of what keeps the thread */
};

static struct db *
fake_connect(void *arg)
{
	struct fake *f = arg;

	return f->connected ? (struct db *)arg : NULL;
}

static void
fake_rest(void *arg)
{
	(void)arg;
}

static enum db_rc
fake_take(void *arg, struct db *db, const struct db_job *jobs)
{
	struct fake *f = arg;

	(void)db;
	(void)jobs;
	buf_addc(&f->calls, 't');
	if (f->locked) {
		assert_int_equal(sem_post(&f->entered), 0);
		assert_int_equal(sem_wait(&f->go), 0);
		f->locked = 0;
	}
	return f->take;
}

static enum db_rc
fake_begin(void *arg, struct db *db, const struct db_job *jobs)
{
	struct fake *f = arg;

	buf_addc(&f->calls, 'b');
	for (; jobs != NULL; jobs = jobs->next)
		if (jobs->ask != NULL)
			jobs->ask(db, jobs->arg);
	return f->begin;
}

static enum db_rc
fake_run(void *arg, struct db *db, struct db_job *job)
{
	struct fake *f = arg;

	buf_addc(&f->calls, 'r');
	job->rc = job->fn(db, job->arg);
	return f->run;
}

static enum db_rc
fake_commit(void *arg, struct db *db)
{
	struct fake *f = arg;

	(void)db;
	buf_addc(&f->calls, 'c');
	return f->commit;
}

static enum db_rc
fake_finish(void *arg, struct db *db, enum db_rc rc)
{
	struct fake *f = arg;

	(void)db;
	buf_addc(&f->calls, 'f');
	return rc;
}

static void
fake_end(void *arg, struct db *db)
{
	struct fake *f = arg;

	(void)db;
	buf_addc(&f->calls, 'e');
}

static const struct writer_engine engine = { fake_connect, fake_rest, fake_take,
	fake_begin, fake_run, fake_commit, fake_finish, fake_end };

static void
init(struct fake *f)
{
	*f = (struct fake){ .connected = 1 };
	assert_int_equal(sem_init(&f->entered, 0, 0), 0);
	assert_int_equal(sem_init(&f->go, 0, 0), 0);
}

static void
done(struct fake *f)
{
	buf_done(&f->calls);
	(void)sem_destroy(&f->entered);
	(void)sem_destroy(&f->go);
}

static enum db_rc
refuse(struct db *db, void *arg)
{
	(void)db;
	(void)arg;
	return DB_CONFLICT;
}

static enum db_rc
accept(struct db *db, void *arg)
{
	(void)db;
	(void)arg;
	return DB_OK;
}

static void
ask(struct db *db, void *arg)
{
	(void)db;
	buf_addc(&((struct fake *)arg)->calls, '?');
}

/* Runs a job of FN alone; gives its answer. */
static enum db_rc
run_one(struct fake *f, db_fn fn, struct store_counts *counts)
{
	struct writer *w = writer_open(&engine, f, STORE_DIRECT);
	struct db_job job = { .fn = fn, .arg = f, .ask = ask };
	enum db_rc rc = writer_wait(w, (struct db *)(void *)f, &job);

	writer_count(w, counts);
	writer_close(w);
	return rc;
}

static void
what_a_job_will_read_is_asked_before_it_runs(void **state)
{
	struct store_counts counts;
	struct fake f;

	(void)state;
	init(&f);
	assert_int_equal(run_one(&f, accept, &counts), DB_OK);
	assert_string_equal(buf_str(&f.calls), "tb?rcfe");
	assert_int_equal(counts.commits, 1);
	assert_int_equal(counts.jobs, 1);
	assert_int_equal(counts.failures, 0);
	done(&f);
}

static void
a_job_that_is_refused_fails_alone_and_the_rest_is_committed(void **state)
{
	struct store_counts counts;
	struct fake f;

	(void)state;
	init(&f);
	assert_int_equal(run_one(&f, refuse, &counts), DB_CONFLICT);
	assert_string_equal(buf_str(&f.calls), "tb?rcfe");
	done(&f);
}

static void
where_the_engine_fails_nothing_more_is_run_and_the_jobs_are_told(void **state)
{
	static const struct {
		enum db_rc take, begin, run, commit;
		const char *calls;
	} cases[] = {
		{ DB_BUSY, DB_OK, DB_OK, DB_OK, "t" },
		{ DB_OK, DB_BUSY, DB_OK, DB_OK, "tb?fe" },
		{ DB_OK, DB_OK, DB_BUSY, DB_OK, "tb?rfe" },
		{ DB_OK, DB_OK, DB_OK, DB_BUSY, "tb?rcfe" },
	};
	struct store_counts counts;
	struct fake f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		init(&f);
		f.take = cases[i].take;
		f.begin = cases[i].begin;
		f.run = cases[i].run;
		f.commit = cases[i].commit;
		assert_int_equal(run_one(&f, accept, &counts), DB_BUSY);
		assert_string_equal(buf_str(&f.calls), cases[i].calls);
		assert_int_equal(counts.commits, 0);
		assert_int_equal(counts.failures, i > 0);
		done(&f);
	}
}

struct posted {
	struct db_job job;
	struct fake *fake;
};

static enum db_rc
hold(struct db *db, void *arg)
{
	struct fake *f = arg;

	(void)db;
	assert_int_equal(sem_post(&f->entered), 0);
	assert_int_equal(sem_wait(&f->go), 0);
	return DB_OK;
}

static void
note_answer(struct db_job *job, enum db_rc rc)
{
	struct posted *p = (struct posted *)(void *)job;

	buf_addc(&p->fake->calls, rc == DB_OK ? '+' : '-');
}

static void
jobs_that_wait_share_a_commit_and_are_answered_after_it(void **state)
{
	enum { N = 4 };
	struct posted jobs[N];
	struct writer *w;
	struct fake f;

	(void)state;
	init(&f);
	w = writer_open(&engine, &f, STORE_THREAD);
	for (int i = 0; i < N; i++) {
		jobs[i] = (struct posted){ .fake = &f,
			.job = { .fn = i == 0 ? hold :
				i == 2        ? refuse :
						accept,
			    .arg = &f,
			    .done = note_answer } };
		assert_int_equal(writer_post(w, &jobs[i].job), DB_OK);
		if (i == 0)
			assert_int_equal(sem_wait(&f.entered), 0);
	}
	assert_int_equal(sem_post(&f.go), 0);
	writer_close(w);
	assert_string_equal(buf_str(&f.calls), "tbrcf+etbrrrcf+-+e");
	done(&f);
}

static void
a_hurried_job_does_not_wait_behind_one_that_waits_for_a_lock(void **state)
{
	struct posted patient, hurried;
	struct writer *w;
	struct fake f;

	(void)state;
	init(&f);
	f.locked = 1;
	w = writer_open(&engine, &f, STORE_THREAD);
	patient = (struct posted){ .fake = &f,
		.job = { .fn = accept, .arg = &f, .done = note_answer } };
	hurried = patient;
	hurried.job.hurried = 1;
	assert_int_equal(writer_post(w, &patient.job), DB_OK);
	assert_int_equal(sem_wait(&f.entered), 0);
	assert_int_equal(writer_post(w, &hurried.job), DB_BUSY);
	assert_int_equal(sem_post(&f.go), 0);
	writer_close(w);
	assert_string_equal(buf_str(&f.calls), "tbrcf+e");
	done(&f);
}

static void
without_a_connection_a_job_is_told_to_come_back(void **state)
{
	struct posted p;
	struct writer *w;
	struct fake f;

	(void)state;
	init(&f);
	f.connected = 0;
	w = writer_open(&engine, &f, STORE_THREAD);
	p = (struct posted){ .fake = &f,
		.job = { .fn = accept, .arg = &f, .done = note_answer } };
	assert_int_equal(writer_post(w, &p.job), DB_OK);
	writer_close(w);
	assert_string_equal(buf_str(&f.calls), "-");
	w = writer_open(&engine, &f, STORE_DIRECT);
	assert_int_equal(writer_post(w, &p.job), DB_BUSY);
	writer_close(w);
	done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_job_will_read_is_asked_before_it_runs),
		cmocka_unit_test(
		    a_job_that_is_refused_fails_alone_and_the_rest_is_committed),
		cmocka_unit_test(
		    where_the_engine_fails_nothing_more_is_run_and_the_jobs_are_told),
		cmocka_unit_test(
		    jobs_that_wait_share_a_commit_and_are_answered_after_it),
		cmocka_unit_test(
		    a_hurried_job_does_not_wait_behind_one_that_waits_for_a_lock),
		cmocka_unit_test(
		    without_a_connection_a_job_is_told_to_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
