/*
 * maintenance: periodic work: expiry, purging, pruning.
 *
 * The poller's reaper does it all the time.  Where none runs, API requests do
 * it on the way.  Its whole state is in the store, so any process may do it,
 * and several at once.
 */
#ifndef DB_CHAT_MAINTENANCE_H
#define DB_CHAT_MAINTENANCE_H

#include "db/base/settings.h"
#include "db/engine/db.h"

struct maintenance {
	const struct settings *settings;
	int64_t patience_ms; /* with the leases of daemons: see expiry_reap */
};

/*
 * Does a bounded part of each chore that is due, each in a write of its own.
 * DB_NONE: nothing was due.  DB_OK: there may be more.
 */
enum db_rc maintenance_run(struct db *, const struct maintenance *) DB_CHECK;

/*
 * Deletes events beyond events_keep and events_keep_ms, a bounded number in one
 * write.  DB_NONE: there were none.  DB_OK: there may be more.
 */
enum db_rc maintenance_prune_log(struct db *, const struct settings *) DB_CHECK;

/*
 * DB_OK: the log is longer than that by an eighth.  For callers that would
 * otherwise prune with every event that is written.
 */
enum db_rc maintenance_log_is_long(
    struct db *, const struct settings *) DB_CHECK;

#endif
