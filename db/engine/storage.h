/*
 * storage: whether the store can be written, and why not.
 *
 * A disk fills up, a quota is reached, another program holds the database, a
 * file system turns read-only.  None of these is an error of ours, and all of
 * them end.  While one lasts, reading goes on, and a write is refused with a
 * code that says so; nothing of a refused write is kept.  The state begins
 * with the first write that is refused and ends with the first that succeeds.
 *
 * On a full disk SQLite cannot even delete.  So a ballast file of at most 1 MB
 * lies in the data directory.  It is given up when the disk is nearly full,
 * and from then on its space is kept for writes that free space
 * (db_write_freeing).  It is made again as soon as there is room for it.
 *
 * All results of SQLite that mean such a state are mapped here alone.
 */
#ifndef DB_ENGINE_STORAGE_H
#define DB_ENGINE_STORAGE_H

#include "db/engine/db.h"

enum storage {
	STORAGE_OK,
	STORAGE_FULL,
	STORAGE_BUSY, /* another program holds the lock */
	STORAGE_READ_ONLY, /* no permission, or the disk refuses */
	N_STORAGE
};

/* "ok", "full", "busy", "read_only": part of the protocol. */
const char *storage_name(enum storage);

/* The state that a write's result stands for; STORAGE_OK for any other. */
enum storage storage_of(enum db_rc);

/* What the last write of this process found.  Safe from any thread. */
enum storage store_storage(struct store *);

/* The same, found out now by a write that changes nothing. */
enum storage store_probe(struct db *);

#endif
