#include "db/engine/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "db/base/clock.h"
#include "db/base/fiber.h"
#include "db/base/must.h"

enum {
	QUEUE_MAX = 4096, /* waiting jobs: further ones are refused */
	WRITER_BATCH_MAX = 256 /* jobs sharing a commit: bounds its length */
};

struct writer {
	/* set before the thread starts */
	const struct writer_engine *engine;
	void *arg;
	enum store_mode mode;
	pthread_t thread;

	/* under the mutex */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct db_job *first, **last;
	int waiting;
	int stopping;

	/* any thread's */
	atomic_int taking; /* the thread waits for other programs */
	atomic_uint_fast64_t commits, jobs, failures;
};

static void
refuse(struct db_job *jobs, enum db_rc rc)
{
	while (jobs != NULL) {
		struct db_job *job = jobs;

		jobs = job->next;
		job->done(job, rc);
	}
	fiber_wake_flush();
}

/* Tells every job its outcome.  A job may be gone after that. */
static void
answer(struct db_job *jobs, enum db_rc common)
{
	while (common == DB_OK && jobs != NULL) {
		struct db_job *job = jobs;

		jobs = job->next;
		job->done(job, job->rc);
	}
	refuse(jobs, common);
}

static enum db_rc
transact(struct writer *w, struct db *db, struct db_job *jobs)
{
	const struct writer_engine *e = w->engine;
	enum db_rc rc = e->begin(w->arg, db, jobs);

	for (struct db_job *job = jobs; rc == DB_OK && job != NULL;
	     job = job->next)
		rc = e->run(w->arg, db, job);
	return rc == DB_OK ? e->commit(w->arg, db) : rc;
}

/* Runs a list of jobs and tells each its outcome. */
static void
run(struct writer *w, struct db *db, struct db_job *jobs)
{
	const struct writer_engine *e = w->engine;
	enum db_rc rc, told;

	for (struct db_job *job = jobs; job != NULL; job = job->next)
		atomic_fetch_add(&w->jobs, 1);
	atomic_store(&w->taking, 1);
	rc = e->take(w->arg, db, jobs);
	atomic_store(&w->taking, 0);
	if (rc != DB_OK) {
		refuse(jobs, rc);
		return;
	}
	rc = transact(w, db, jobs);
	atomic_fetch_add(rc == DB_OK ? &w->commits : &w->failures, 1);
	told = e->finish(w->arg, db, rc);
	answer(jobs, told);
	e->end(w->arg, db);
}

/* Takes up to WRITER_BATCH_MAX waiting jobs; NULL: the writer is closed. */
static struct db_job *
take(struct writer *w)
{
	struct db_job *jobs, *job;
	int n = 1;

	must(pthread_mutex_lock(&w->mutex) == 0);
	while (w->first == NULL && !w->stopping)
		must(pthread_cond_wait(&w->changed, &w->mutex) == 0);
	jobs = job = w->first;
	if (jobs != NULL) {
		for (; job->next != NULL && n < WRITER_BATCH_MAX; n++)
			job = job->next;
		w->first = job->next;
		if (w->first == NULL)
			w->last = &w->first;
		w->waiting -= n;
		job->next = NULL;
	}
	must(pthread_mutex_unlock(&w->mutex) == 0);
	return jobs;
}

static void *
main_loop(void *arg)
{
	struct writer *w = arg;
	struct db_job *jobs;

	while ((jobs = take(w)) != NULL) {
		struct db *db = w->engine->connect(w->arg);

		if (db != NULL)
			run(w, db, jobs);
		else
			refuse(jobs, DB_BUSY);
		w->engine->rest(w->arg);
	}
	return NULL;
}

struct writer *
writer_open(const struct writer_engine *engine, void *arg, enum store_mode mode)
{
	struct writer *w = must_alloc(sizeof(*w));

	w->engine = engine;
	w->arg = arg;
	w->mode = mode;
	w->last = &w->first;
	must(pthread_mutex_init(&w->mutex, NULL) == 0);
	must(pthread_cond_init(&w->changed, NULL) == 0);
	if (mode == STORE_THREAD)
		must(pthread_create(&w->thread, NULL, main_loop, w) == 0);
	return w;
}

void
writer_close(struct writer *w)
{
	if (w->mode == STORE_THREAD) {
		must(pthread_mutex_lock(&w->mutex) == 0);
		w->stopping = 1;
		must(pthread_cond_signal(&w->changed) == 0);
		must(pthread_mutex_unlock(&w->mutex) == 0);
		must(pthread_join(w->thread, NULL) == 0);
	}
	must(pthread_cond_destroy(&w->changed) == 0);
	must(pthread_mutex_destroy(&w->mutex) == 0);
	free(w);
}

enum db_rc
writer_post(struct writer *w, struct db_job *job)
{
	enum db_rc rc = DB_OK;

	job->next = NULL;
	job->posted = clock_waits();
	if (w->mode != STORE_THREAD) {
		struct db *db = w->engine->connect(w->arg);

		if (db == NULL)
			return DB_BUSY;
		run(w, db, job);
		return DB_OK;
	}
	must(pthread_mutex_lock(&w->mutex) == 0);
	/* The jobs before it may be more patient. */
	if (w->waiting >= QUEUE_MAX ||
	    (job->hurried && atomic_load(&w->taking))) {
		rc = DB_BUSY;
	} else {
		*w->last = job;
		w->last = &job->next;
		w->waiting++;
		must(pthread_cond_signal(&w->changed) == 0);
	}
	must(pthread_mutex_unlock(&w->mutex) == 0);
	return rc;
}

/* A job whose poster waits for the outcome. */
struct waited {
	struct db_job job;
	struct writer *writer;
	struct fiber_wait wait;
	enum db_rc rc;
};

static void
wake(struct db_job *job, enum db_rc rc)
{
	struct waited *w = (struct waited *)(void *)job;

	w->rc = rc;
	fiber_wake(&w->wait);
}

static void
post(void *arg)
{
	struct waited *w = arg;
	enum db_rc rc = writer_post(w->writer, &w->job);

	if (rc != DB_OK) {
		wake(&w->job, rc);
		fiber_wake_flush();
	}
}

static void
keep_rc(struct db_job *job, enum db_rc rc)
{
	struct waited *w = (struct waited *)(void *)job;

	w->rc = rc;
}

enum db_rc
writer_wait(struct writer *w, struct db *db, const struct db_job *job)
{
	struct waited waited = { .job = *job, .writer = w };

	if (w->mode == STORE_THREAD) {
		waited.job.done = wake;
		if (fiber_wait(&waited.wait, post, &waited) != 0)
			return DB_BUSY;
	} else {
		waited.job.done = keep_rc;
		waited.job.posted = clock_waits();
		run(w, db, &waited.job);
	}
	return waited.rc;
}

void
writer_count(struct writer *w, struct store_counts *counts)
{
	counts->commits = atomic_load(&w->commits);
	counts->jobs = atomic_load(&w->jobs);
	counts->failures = atomic_load(&w->failures);
}
