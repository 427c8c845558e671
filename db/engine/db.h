/*
 * db: the contract of the store: connections, reads, writes.  This file and
 * schema.h, storage.h and manage.h beside it, and stmt.h for db/rows, are all
 * that the layers above know of the engine; db/engine/sqlite is the only engine
 * so far.
 *
 * The engine promises:
 *
 *  - A write that was answered DB_OK survives a power cut.
 *  - Every event has a seq.  Seqs have no gaps and are given in commit order:
 *    a reader of event N has read, or can read, all before N, and no
 *    event before N appears later.
 *  - A job is kept as a whole or not at all, and runs once.
 *  - After a commit that appended an event, every process that waits on its
 *    wake descriptor is woken (store_wake_open).
 *  - Lease time is the same in all processes that use the store, and does not
 *    jump with the wall clock (db_lease_now).
 *
 * One idea makes that simple: all writes go through db_write or db_post, and
 * only one process writes at a time.  The jobs that wait in a process share a
 * transaction and its commit (group commit), and are answered after it.  So a
 * job never meets another writer, is never run again, and may append to the
 * caller's buffers.
 *
 * A struct store belongs to the process and may be used by any thread.  A
 * struct db is one connection with its prepared statements; it belongs to the
 * thread that opened it and asserts so.
 */
#ifndef DB_ENGINE_DB_H
#define DB_ENGINE_DB_H

#include <stddef.h>
#include <stdint.h>

enum db_rc {
	DB_OK,
	DB_NONE, /* there is no such thing */
	DB_CONFLICT, /* a rule refuses; the caller's enum problem says which */
	/* Nothing was done; a retry may succeed (db/engine/storage.h): */
	DB_BUSY, /* too many jobs wait, or another program keeps the store */
	DB_FULL, /* no space on the disk, or under the owner's limit */
	DB_READ_ONLY, /* the store cannot be written */
	DB_FAIL /* the store failed; logged; may or may not be done */
};

#define DB_CHECK __attribute__((warn_unused_result))

struct buf;
struct db;
struct schema;
struct store;

enum store_mode {
	STORE_THREAD, /* a writer thread with group commit: daemons */
	STORE_DIRECT, /* the calling thread writes: commands */
	STORE_REQUEST /* the same for one request of many: CGI */
};

struct store_options {
	const char *dir; /* where the store is; lent for the call */
	const struct schema *schema; /* outlives the store */
	enum store_mode mode;
	/* of SQLite's engine alone */
	int64_t wal_pages; /* checkpoint beyond this many */
	int64_t busy_ms; /* a write waits so long for other programs */
	int64_t storage_max; /* bytes of the database, 0: any number */
};

/*
 * Opens an existing, migrated store, even if it can only be read now.  DB_NONE:
 * there is none, or its schema is not this program's; any other failure: it
 * cannot be read.  Either failure is logged with its remedy.  store_close waits
 * for the posted jobs; other threads must have closed their struct db before.
 */
enum db_rc store_open(const struct store_options *, struct store **) DB_CHECK;
void store_close(struct store *);

/*
 * A connection of the calling thread.  store_db opens one at the thread's first
 * call and closes it when the thread ends; NULL: it cannot be opened (logged).
 */
enum db_rc db_open(struct store *, struct db **) DB_CHECK;
void db_close(struct db *);
struct db *store_db(struct store *);
struct store *db_store(struct db *); /* that the connection belongs to */

/*
 * Makes the calling thread ask store_db again before it goes on.  A connection
 * that could only read is closed then, so that the next connection may be able
 * to write.  It stays while another fiber of the thread waits in a write.
 */
void store_rest(struct store *);

/*
 * Lease time in ms.  It runs on through suspend, never backward, and begins
 * anew only when the schema's restart has been called (db/engine/schema.h).
 */
int64_t db_lease_now(struct db *);

/*
 * Adds the name of the current run of lease time; a restart changes the name.
 */
void db_add_lease_run(struct db *, struct buf *);

/*
 * Work on the store.  It answers DB_OK to have its changes kept; anything else
 * undoes the changes of this job alone and becomes the caller's answer.
 */
typedef enum db_rc (*db_fn)(struct db *, void *arg);

/* Names reads that a job will make, with stmt_ask (db/engine/stmt.h). */
typedef void (*db_ask_fn)(struct db *, void *arg);

/* Runs FN over one snapshot: all its reads see the same moment. */
enum db_rc db_read(struct db *, db_fn, void *arg) DB_CHECK;

/*
 * Runs FN in a write transaction and returns after its commit.  FN runs in the
 * writer's thread with the writer's connection, not with DB.  ARG belongs to
 * the caller, who does not touch it before db_write returns.  In a fiber
 * (db/base/fiber.h) the thread goes on with other work meanwhile.
 */
enum db_rc db_write(struct db *, db_fn, void *arg) DB_CHECK;

/*
 * The same for a FN that changes nothing unless it answers DB_OK, because it
 * makes all its checks first.  Nothing has to be undone then, which costs less.
 * If a FN fails after a change nevertheless, because the store failed, all jobs
 * of its transaction get DB_FAIL.  ASK (or NULL) is called before the jobs run.
 */
enum db_rc db_write_checked(
    struct db *, db_ask_fn ask, db_fn, void *arg) DB_CHECK;

/*
 * The same as db_write for a FN that frees space, for which the engine keeps a
 * reserve.  db_freeing marks all writes of the calling thread as such, until it
 * is called again.
 */
enum db_rc db_write_freeing(struct db *, db_fn, void *arg) DB_CHECK;
void db_freeing(struct db *, int frees);

/*
 * A write of maintenance, which any process may do but only one at a time.
 * DB_NONE: another process is doing it, or FN found nothing to do.
 */
enum db_rc db_chore(struct db *, db_fn, void *arg) DB_CHECK;
enum db_rc db_chore_freeing(struct db *, db_fn, void *arg) DB_CHECK;

/*
 * With 1, writes of the calling thread hardly wait for another program that
 * writes, because they can be done at another time.  0 ends that.
 */
void db_hurry(struct db *, int hurries);

/*
 * Writes without waiting: DONE is called with the outcome in the writer's
 * thread, after the commit, and may free the job.  The job and ARG belong to
 * the store until then.  DB_BUSY: the queue is full, and DONE is not called.
 */
struct db_job {
	db_fn fn;
	void *arg;
	void (*done)(struct db_job *, enum db_rc);
	db_ask_fn ask; /* as of db_write_checked; may be NULL */
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
 * appended an event, in any process.  It is a hint: it may be lost, come late
 * or come twice, so its owner also looks at the log now and then.
 * store_wake_clear drains the descriptor; call it before reading the log.  The
 * caller closes it.  -1: logged, unless *LACKING is 1: the store cannot be
 * written now, and the caller does without the descriptor.
 */
int store_wake_open(struct store *, int *lacking);
void store_wake_clear(int fd);

/*
 * The directory of the store on this host, for small files beside it; lives as
 * long as the store.  store_file_open opens NAME in it with FLAGS as for
 * open(2), or makes the file for the same users as the store; with O_EXCL it
 * must be missing.  The descriptor, or -1 with errno.
 */
const char *store_dir(struct store *);
int store_file_open(struct store *, const char *name, int flags) DB_CHECK;

/* Commits and jobs so far, and the commits that failed: for metrics. */
struct store_counts {
	uint64_t commits, jobs, failures, checkpoints;
};
void store_count(struct store *, struct store_counts *);

#endif
