/*
 * request_maintenance: what a daemon does elsewhere.
 *
 * Where no poller runs nobody expires presence or shortens the log: then
 * whoever calls the API does it on the way, at most once a second in a
 * process that lives on.  Beside a poller it finds nothing to do.  What fails
 * is left to the next caller: reading goes on when the disk is full.
 *
 * A poller that stood still together with the API comes back to its lease
 * first: one is given up here a whole lease later than by another poller.
 */
#ifndef API_REQUEST_MAINTENANCE_H
#define API_REQUEST_MAINTENANCE_H

#include "db/base/settings.h"
#include "db/engine/db.h"

void request_maintenance(struct db *, const struct settings *);

enum { REQUEST_MAINTENANCE_BEAT_MS = 250 };

/*
 * For one thread of a daemon, every REQUEST_MAINTENANCE_BEAT_MS at the latest: the API is in
 * order (db/rows/leases.h).  A program that a web server ends when it is idle must
 * not call it.  DB may be NULL.
 */
void request_maintenance_beat(struct db *);

#endif
