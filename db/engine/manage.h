/*
 * manage: the contract of `parlor migrate`, `check`, `backup` and `restore`, for
 * a store that is not open.
 */
#ifndef DB_ENGINE_MANAGE_H
#define DB_ENGINE_MANAGE_H

#include "db/base/findings.h"
#include "db/engine/db.h"

/*
 * Makes the store of the options, or brings it to the schema of this program
 * (db/engine/migrations.h).  DB_OK also when there was nothing to do; DB_FAIL
 * is logged with what to do.  *BEFORE is the schema number before; at most 0:
 * there was no store.
 */
enum db_rc manage_migrate(const struct store_options *, int *before) DB_CHECK;

/* 1: the store can be read and has the schema of this program. */
int manage_is_current(const struct store_options *);

/*
 * Calls FN for each fault of the store, in the database and around it, and
 * gives the number of findings.  It changes nothing, and programs may go on
 * running.
 */
int manage_check(const struct store_options *, findings_fn fn, void *arg);

/* The bytes of the database and of its write-ahead log; 0: it is not there. */
struct manage_sizes {
	int64_t database, log;
};
void manage_size(const struct store_options *, struct manage_sizes *);

/* The schema number of the store; at most 0: there is none, or it is empty. */
int manage_schema(const struct store_options *);

/*
 * Copies the store, as it is at one moment, into the directory TO, which is
 * made or must be empty.  Programs go on reading and writing.  The copy is a store, and complete.  DB_FAIL or DB_BUSY:
 * logged with what to do, and there is no copy.
 */
struct manage_copy {
	int64_t bytes;
	int64_t held_ms; /* for which writers had to wait, at most */
};
enum db_rc manage_backup(const struct store_options *, const char *to,
    struct manage_copy *) DB_CHECK;

/* The same to a descriptor, which gets the database's one file. */
enum db_rc manage_backup_to(
    const struct store_options *, int fd, struct manage_copy *) DB_CHECK;

/*
 * Puts the backup FROM, which is left as it is, in the place of the store, and
 * brings it to the schema of this program.  No other program may run.  Adds to
 * KEPT where the database from before is kept; nothing: there was none.
 * Anything but DB_OK is logged with what to do, and the store is as before.
 */
enum db_rc manage_restore(
    const struct store_options *, const char *from, struct buf *kept) DB_CHECK;

#endif
