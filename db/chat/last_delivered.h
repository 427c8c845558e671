/*
 * last_delivered: how far each stream and each poll has been written to.
 *
 * After every write to a stream, and after every answer to a poll, a daemon
 * notes which event was the last that the kernel took in full.  The notes are a
 * file in the data directory, mapped into the daemon's memory: a note costs no
 * system call, any process can read it, and it survives the daemon when that is
 * killed.  A presence row names its note by a slot.
 *
 * A stream's slot is given back when no row names it.  A poll's row outlives
 * the poll, and any process may delete it.  So slots of polls have a file of
 * their own, and are not given back: when none is left, a sweep finds those
 * that no row names, and a request that still has one of them can no longer
 * write to it.
 *
 * The file is locked while its daemon lives.  A new daemon removes the files
 * of dead ones that no presence row names.
 */
#ifndef DB_CHAT_LAST_DELIVERED_H
#define DB_CHAT_LAST_DELIVERED_H

#include <stdint.h>

#include "db/engine/db.h"

struct last_delivered;

/* A daemon's notes; either may be NULL. */
struct notes {
	struct last_delivered *of_streams, *of_polls;
};

/*
 * Notes for N streams.  NULL: the file cannot be made (logged).  Streams work
 * without notes, but after a crash of this daemon the last messages that their
 * clients got count as unread.
 */
struct last_delivered *last_delivered_open(struct store *, int64_t n);
void last_delivered_close(struct last_delivered *);

/*
 * Safe from any thread.  last_delivered_take gives a slot noted with SEQ; 0: there
 * is none.  The others do nothing for the slot 0 or a NULL struct.
 */
int64_t last_delivered_take(struct last_delivered *, int64_t seq);
void last_delivered_put(struct last_delivered *, int64_t slot, int64_t seq);
void last_delivered_give(struct last_delivered *, int64_t slot);

/*
 * For polls, safe from any thread; D may be NULL.  last_delivered_take_for_row:
 * in a write transaction that puts the slot into a row; *SLOT is noted with 0,
 * or is 0: there is none.  last_delivered_has: whether D has the slot, and has
 * not swept it.  last_delivered_put_for_row gives the same, and notes SEQ if so.
 */
enum db_rc last_delivered_take_for_row(
    struct last_delivered *, struct db *, int64_t *slot) DB_CHECK;
int last_delivered_has(struct last_delivered *, int64_t slot);
int last_delivered_put_for_row(
    struct last_delivered *, int64_t slot, int64_t seq);

/*
 * The note of SLOT, which may be another process's; 0: it is not known.
 * last_delivered_get is cheaper for the slots of D, which may be NULL.
 */
int64_t last_delivered_read(struct db *, int64_t slot);
int64_t last_delivered_get(struct last_delivered *, struct db *, int64_t slot);

#endif
