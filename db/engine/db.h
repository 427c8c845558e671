/*
 * db: the store.  One SQLite database in WAL mode, synchronous=FULL: what a
 * write answered DB_OK is on the disk.
 *
 * The one idea: nobody writes except through db_write or db_post.  All jobs
 * of a process run in one writer thread, each under its own SAVEPOINT, as
 * many together as are waiting; they share one commit (group commit), and
 * only then are they answered.  Between processes a flock on parlor.lock is
 * held over each such transaction and each checkpoint (Debian 12's SQLite
 * loses commits otherwise, and its busy handler is not fair).  After a commit
 * that appended an event the doorbell is rung (db/engine/sqlite/doorbell.h).
 *
 * A struct store is the process's and safe from any thread.  A struct db is
 * one connection with its prepared statements; it belongs to the thread that
 * opened it and asserts so.
 */
#ifndef DB_ENGINE_DB_H
#define DB_ENGINE_DB_H

#include <stddef.h>
#include <stdint.h>

enum db_rc {
	DB_OK,
	DB_NONE, /* there is no such thing */
	DB_CONFLICT, /* a rule refuses; the caller's enum problem says which */
	/* Nothing was done (db/engine/storage.h); try again, or when it has ended: */
	DB_BUSY, /* too many are waiting, or another program has the lock */
	DB_FULL, /* no room on the disk, or under the owner's limit */
	DB_READ_ONLY, /* the store cannot be written */
	DB_FAIL /* disk or database; logged; unknown if it was done */
};

#define DB_CHECK __attribute__((warn_unused_result))

struct db;
struct schema;
struct store;

enum store_mode {
	STORE_THREAD, /* writer thread with group commit: daemons */
	STORE_DIRECT, /* the caller's thread writes: commands */
	STORE_REQUEST /* the same for one request of many: CGI */
};

struct store_options {
	const char *dir; /* holds parlor.db; lent for the call */
	const struct schema *schema; /* outlives the store */
	enum store_mode mode;
	int64_t wal_pages; /* checkpoint beyond this many */
	int64_t busy_ms; /* a write waits so long for others' locks */
	int64_t storage_max; /* bytes of the database, 0: any number */
};

/*
 * Opens an existing, migrated store, also one that can only be read now.
 * DB_NONE: there is none, or its schema is not ours; anything else: it cannot
 * be read.  Either is logged with the way to mend it.  store_close waits for
 * what has been posted, moves the write-ahead log into the database if nobody
 * else uses it, then gives all back; every struct db of other threads has
 * been closed before.
 */
enum db_rc store_open(const struct store_options *, struct store **) DB_CHECK;
void store_close(struct store *);

/*
 * A connection of the calling thread.  store_db is the same, made at the
 * thread's first call and closed by itself when the thread ends; NULL: it
 * cannot be opened (logged).
 */
enum db_rc db_open(struct store *, struct db **) DB_CHECK;
void db_close(struct db *);
struct db *store_db(struct store *);

/*
 * The calling thread will ask store_db again before it goes on.  A connection
 * that was opened read-only is closed then: as long as a process has one, all
 * that it opens are read-only, even when the disk is writable again.
 */
void store_rest(struct store *);

/*
 * Work on the database.  It answers DB_OK to have its changes kept; anything
 * else undoes this job's changes alone and is what the caller gets.
 */
typedef enum db_rc (*db_fn)(struct db *, void *arg);

/* Runs FN over one snapshot: all it reads is of one moment. */
enum db_rc db_read(struct db *, db_fn, void *arg) DB_CHECK;

/*
 * Runs FN in a write transaction and returns after its commit.  FN runs in
 * the writer thread with the writer's connection, not with DB; ARG is the
 * caller's and rests until the return.
 */
enum db_rc db_write(struct db *, db_fn, void *arg) DB_CHECK;

/*
 * The same for a FN that changes nothing unless it answers DB_OK: it checks
 * first.  So there is nothing to undo, and no savepoint, which copies every
 * page that is touched.  If one breaks its word, because the store failed,
 * all jobs of its transaction get DB_FAIL.
 */
enum db_rc db_write_checked(struct db *, db_fn, void *arg) DB_CHECK;

/*
 * The same for a FN that frees space: on a full disk it has a reserve.
 * db_freeing says it of all that the calling thread writes, until it is
 * called again.
 */
enum db_rc db_write_freeing(struct db *, db_fn, void *arg) DB_CHECK;
void db_freeing(struct db *, int frees);

/*
 * What the calling thread writes from now on hardly waits for a lock that
 * another program holds, until this is called again with 0: it can be done at
 * another time.
 */
void db_hurry(struct db *, int hurries);

/*
 * The same without waiting: DONE is called with the outcome in the writer
 * thread, after the commit, and may free the job.  The job and ARG belong to
 * the store until then.  DB_BUSY: the queue is full, DONE is not called.
 */
struct db_job {
	db_fn fn;
	void *arg;
	void (*done)(struct db_job *, enum db_rc);
	int checked; /* as db_write_checked */
	int freeing; /* as db_write_freeing */
	int hurried; /* as db_hurry */
	/* the store's own */
	struct db_job *next;
	int64_t posted; /* when its wait began */
	enum db_rc rc;
};
enum db_rc db_post(struct store *, struct db_job *) DB_CHECK;

/*
 * A descriptor to poll for input: it becomes readable after a commit that
 * appended an event, in whatever process.  It is a hint: it may be lost, come
 * late or come twice, so its owner also looks at the log now and then.
 * store_wake_clear takes the input away; call it before reading the log.  The
 * caller closes it.  -1: logged, unless *LACKING is 1: the store cannot be
 * written now, and one does without.
 */
int store_wake_open(struct store *, int *lacking);
void store_wake_clear(int fd);

/* Commits and jobs so far, and the commits that failed: for metrics. */
struct store_counts {
	uint64_t commits, jobs, failures, checkpoints;
};
void store_count(struct store *, struct store_counts *);

#endif
