/*
 * writer: the writer thread: many jobs in one transaction (group commit).
 *
 * All jobs that wait at the same moment are run together and share one commit
 * (group commit); no job is delayed for that.  A job is answered when the
 * commit is done.  The writer knows no database: an engine gives it the
 * functions that begin, run and commit.
 *
 * A store of mode STORE_THREAD has a thread for this.  Otherwise the calling
 * thread runs its own job, alone.
 */
#ifndef DB_ENGINE_WRITER_H
#define DB_ENGINE_WRITER_H

#include "db/engine/db.h"

/*
 * The engine's part.  Each function gets the ARG of writer_open.  For a list of
 * jobs the writer calls take, begin, run for each job, commit, finish and end,
 * in the same thread.
 */
struct writer_engine {
	/* The calling thread's connection; NULL: none can be opened now. */
	struct db *(*connect)(void *arg);

	/* The writer's thread waits for jobs now. */
	void (*rest)(void *arg);

	/*
	 * Excludes all other writers.  Anything but DB_OK is the answer to all
	 * of JOBS, and none of the other functions is called.
	 */
	enum db_rc (*take)(void *arg, struct db *, const struct db_job *jobs);

	/* Anything but DB_OK of these two skips the rest up to finish. */
	enum db_rc (*begin)(void *arg, struct db *, const struct db_job *jobs);
	/* Sets the job's rc, and undoes the changes of a job that failed. */
	enum db_rc (*run)(void *arg, struct db *, struct db_job *job);

	/* DB_OK: it is durable. */
	enum db_rc (*commit)(void *arg, struct db *);

	/*
	 * RC is the outcome.  Undoes a transaction that failed, or wakes those
	 * that wait for events, and gives the answer to the jobs.
	 */
	enum db_rc (*finish)(void *arg, struct db *, enum db_rc rc);

	/* The jobs have been answered.  Lets other writers in. */
	void (*end)(void *arg, struct db *);
};

struct writer;

struct writer *writer_open(
    const struct writer_engine *, void *arg, enum store_mode);

/* Runs the posted jobs, then ends the thread. */
void writer_close(struct writer *);

/* As db_post. */
enum db_rc writer_post(struct writer *, struct db_job *) DB_CHECK;

/* Runs FN with ARG as JOB says and returns after its commit. */
enum db_rc writer_wait(
    struct writer *, struct db *, const struct db_job *) DB_CHECK;

/* Sets all counters but the checkpoints. */
void writer_count(struct writer *, struct store_counts *);

#endif
