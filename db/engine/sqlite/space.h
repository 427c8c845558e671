/*
 * space: free space on the disk, and under the limit that the owner has set.
 *
 * On a full disk SQLite cannot even delete.  So a ballast file of at most 1 MB
 * lies in the data directory.  It is removed when the disk is nearly full, and
 * from then on its space is kept for writes that free space.  It is made again
 * as soon as there is space for it.
 *
 * space_look is called under the write lock, before each write.
 */
#ifndef DB_ENGINE_SQLITE_SPACE_H
#define DB_ENGINE_SQLITE_SPACE_H

#include <stdint.h>

#include "db/engine/db.h"

enum { BALLAST_MAX = 1024 * 1024 };

struct space {
	char *dir, *ballast;
	int64_t max; /* bytes of the database, 0: no limit of ours */
};

/* Bytes of the disk that holds DIR: free, kept as a reserve, and too few. */
struct space_disk {
	int64_t free, reserve, low;
	int read_only;
};

void space_open(struct space *, const char *dir, int64_t max);
void space_close(struct space *);

/* 0, or -1 with errno. */
int space_disk(const char *dir, struct space_disk *)
    __attribute__((warn_unused_result));

/*
 * DB_OK: any write may be tried.  DB_FULL: only a write that frees space; the
 * ballast has been removed.
 */
enum db_rc space_look(struct space *) DB_CHECK;

/* SQLite found no space: removes the ballast if the disk is full. */
void space_met_end(struct space *);

/* If the ballast is gone, the log must be truncated after each write. */
int space_has_ballast(const struct space *);

/*
 * In a write transaction: DB_OK when rows can be added under the limit.  Limits
 * this transaction accordingly; with FREEING it may use the reserve.
 */
enum db_rc space_limit(struct db *, const struct space *, int freeing) DB_CHECK;

/* Whether rows can be added to USED pages of SIZE bytes under MAX bytes. */
int space_under(int64_t max, int64_t size, int64_t used);

/* In a write transaction: whether the database has enough unused pages. */
int space_inside(struct db *, const struct space *);

#endif
