/*
 * storage: whether the store can be written, and why not.
 *
 * A disk fills up, a quota is reached, another program holds the store, a file
 * system turns read-only.  None of these is a defect of the program, and each
 * of them ends.  While one lasts, reads go on and writes are refused with a
 * code that names the state; a refused write leaves nothing behind.  The state
 * begins with the first write that is refused and ends with the first one that
 * succeeds.
 *
 * The engine keeps a reserve, so that writes that free space
 * (db_write_freeing) work on a full disk as well.
 */
#ifndef DB_ENGINE_STORAGE_H
#define DB_ENGINE_STORAGE_H

#include <stdatomic.h>

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

/*
 * The state that a write's result stands for; STORAGE_OK for any other result.
 */
enum storage storage_of(enum db_rc);

/* The state found by this process's last write.  Safe from any thread. */
enum storage store_storage(struct store *);

/* The same, determined now by a write that changes nothing. */
enum storage store_probe(struct db *);

/* For engines: the state as a process knows it. */
struct storage_state {
	atomic_int state; /* enum storage */
};

/*
 * Sets the state.  Logs one line when a state begins and one when it ends; WHY
 * and the errno ERROR give the cause.
 */
void storage_note(
    struct storage_state *, enum storage now, const char *why, int error);

#endif
