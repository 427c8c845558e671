/*
 * last_delivered: how far each open stream has been written to.
 *
 * After every write to a stream a daemon notes which event was the last that
 * the kernel took in full.  The notes are a file in the data directory, mapped
 * into the daemon's memory: a note costs no system call, any process can read
 * it, and it survives the daemon when that is killed.  A presence row names
 * its note by a slot; a slot is given back when no row names it.
 *
 * The file is locked while its daemon lives.  A new daemon removes the files
 * of dead ones that no presence row names.
 */
#ifndef DB_CHAT_LAST_DELIVERED_H
#define DB_CHAT_LAST_DELIVERED_H

#include <stdint.h>

#include "db/engine/db.h"

struct last_delivered;

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

/* The note of SLOT, which may be another process's; 0: it is not known. */
int64_t last_delivered_read(struct db *, int64_t slot);

#endif
