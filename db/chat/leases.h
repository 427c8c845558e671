/*
 * leases: ends the leases of dead daemons, and extends all leases by time
 * without service.
 *
 * A lease runs out because its client does not come back, and a client cannot
 * come back to a service that is down.  So each service notes the time now and
 * then, in the file `served` of the data directory, and promises the time of
 * its next note.  If that note is late, the service was out of order.
 *
 * Time is not counted if
 *  - all services were out of order, however long, or
 *  - one of the daemons was, for at most LEASES_GIVEN_UP_MS from its last note.
 *    A client whose request waits in a hanging daemon does not notice the
 *    outage, and neither does a client that only polls the API.  After that
 *    time the web server has given up on the daemon, and the other daemon
 *    answers instead.
 *
 * A program that runs only while there are requests (CGI, or a process that a
 * web server starts and ends) is a service as well, but its silence does not
 * mean that it is out of order.  It promises a part of the time that a poll may
 * take to come back.  The time it promised counts; a daemon's does not.
 *
 * All running leases are extended by the time that is not counted, in the
 * transaction that would end one of them.
 */
#ifndef DB_CHAT_LEASES_H
#define DB_CHAT_LEASES_H

#include <stdint.h>

#include "db/engine/db.h"
#include "db/rows/ids.h"

enum service {
	SERVICE_STREAMS, /* the poller */
	SERVICE_API, /* parlor-api as a daemon */
	SERVICE_REQUESTS, /* parlor-api otherwise */
	N_SERVICES
};

enum { LEASES_GIVEN_UP_MS = 40000 }; /* Apache gives up after 10 s */

/*
 * In a write transaction: nobody could be served from FROM to TO (lease
 * times).  Presence rows, listeners and leases of daemons that would expire
 * after FROM expire TO - FROM later.  Time for which leases were extended
 * before is not counted twice.
 */
enum db_rc leases_shift(struct db *, int64_t from, int64_t to) DB_CHECK;

/*
 * In a write transaction, before leases are ended: extends the running leases
 * by the time without service.  DB_NONE: there was none.
 */
enum db_rc leases_shift_due(struct db *) DB_CHECK;

/*
 * Outside of any transaction: the service is in order, and its next note comes
 * within WITHIN ms.  Writes to the store only after an interruption.
 */
enum db_rc leases_note(struct db *, enum service, int64_t within) DB_CHECK;

/* In a write transaction: the machine was restarted, so notes are void. */
enum db_rc leases_new_boot(struct db *) DB_CHECK;

/*
 * In write transactions: a run of a daemon that keeps streams begins, or goes
 * on for LEASE_MS more.  DB_NONE: the node has been reaped; the daemon starts a
 * new one and its streams enter again.
 */
enum db_rc leases_start_node(
    struct db *, int64_t lease_ms, struct node_id *) DB_CHECK;
enum db_rc leases_renew_node(
    struct db *, struct node_id, int64_t lease_ms) DB_CHECK;

/*
 * In a write transaction: drops the nodes whose lease has been over for
 * PATIENCE_MS; the rows of their streams and listeners expire a grace from now.
 * DB_NONE: there are none.
 */
enum db_rc leases_end_nodes(struct db *, int64_t patience_ms) DB_CHECK;

#endif
