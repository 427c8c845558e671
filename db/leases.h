/*
 * leases: time in which nobody could be served counts against no lease.
 *
 * Leases run out because a client does not come back, and while the service is
 * down no client can.  So whoever serves notes the time now and then, in the
 * file `served` of the data directory, and promises to do so again WITHIN a
 * time.  When the next note comes later than promised, the service was down,
 * and all leases that were running are moved by the time beyond the promise.
 * A daemon promises a second; where there is none, the clients' own requests
 * are the service, and a silence of theirs counts for no more than half the
 * time that a poller may take to come back.
 *
 * leases_look is called by everything that ends a lease, in the transaction
 * that does: no lease can end before the interruption is known, whichever
 * process comes first after it.
 *
 * leases_shift is for other interruptions: a store that could not be written
 * to renews no lease either.
 */
#ifndef DB_LEASES_H
#define DB_LEASES_H

#include <stdint.h>

#include "db/db.h"

/*
 * In a write transaction: nobody could be served from FROM to TO (lease
 * times).  What was to expire after FROM expires TO - FROM later: presence,
 * listeners, and the leases of daemons.
 */
enum db_rc leases_shift(struct db *, int64_t from, int64_t to) DB_CHECK;

/*
 * In a write transaction, before leases are ended: shifts what must be.
 * DB_NONE: nothing was.
 */
enum db_rc leases_look(struct db *) DB_CHECK;

/*
 * Outside of any transaction: service goes on, and the next note comes within
 * WITHIN ms.  leases_note_request is for a process that lives by requests; it
 * leaves a daemon's promise alone while that is kept.  Both write to the store
 * only after an interruption.
 */
enum db_rc leases_note(struct db *, int64_t within) DB_CHECK;
enum db_rc leases_note_request(struct db *, int64_t within) DB_CHECK;

#endif
