/*
 * request_maintenance: the poller's maintenance where no poller runs.
 *
 * Without a poller nothing would expire presence or shorten the log, so
 * requests to the API do that work in passing, at most once a second in a
 * long-lived process.  Beside a poller they find nothing to do.  A failure is
 * left to a later request: reading goes on when the disk is full.
 *
 * A poller that was suspended together with the API renews its lease first: the
 * API gives a poller up a whole lease later than another poller would.
 */
#ifndef API_REQUEST_MAINTENANCE_H
#define API_REQUEST_MAINTENANCE_H

#include "db/base/settings.h"
#include "db/engine/db.h"

void request_maintenance(struct db *, const struct settings *);

enum { REQUEST_MAINTENANCE_BEAT_MS = 250 };

/*
 * A single thread of a daemon calls this at least every
 * REQUEST_MAINTENANCE_BEAT_MS to say that the API is in order
 * (db/chat/leases.h).  A program that a web server ends when idle must not call
 * it.  DB may be NULL.
 */
void request_maintenance_beat(struct db *);

#endif
