/*
 * goodbyes: connections that have said goodbye.
 *
 * A goodbye goes its own way and may overtake the connection's last poll.
 * For GOODBYE_KEEP_MS after it a poll of that name makes nobody present; that
 * is lease time, so a clock that is set makes it neither longer nor shorter.
 * A stream needs none of this: it ends when its client is found to be gone.
 */
#ifndef DB_GOODBYES_H
#define DB_GOODBYES_H

#include "db/db.h"
#include "db/ids.h"

enum {
	GOODBYE_KEEP_MS = 5000,
	GOODBYES_MAX = 64 /* of one user: connections can be named at will */
};

/* In a write transaction; the oldest beyond GOODBYES_MAX are forgotten. */
enum db_rc goodbyes_say(struct db *, struct user_id, const char *conn) DB_CHECK;

/* DB_OK: USER's connection said goodbye of late; DB_NONE: it did not. */
enum db_rc goodbyes_said(
    struct db *, struct user_id, const char *conn) DB_CHECK;

/*
 * In a write transaction: drops at most LIMIT that are older than that.
 * DB_NONE: there are none.  goodbyes_due asks the same without writing.
 */
enum db_rc goodbyes_prune(struct db *, int limit) DB_CHECK;
enum db_rc goodbyes_due(struct db *) DB_CHECK;

#endif
