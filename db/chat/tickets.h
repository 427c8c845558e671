/*
 * tickets: short-lived credentials for the URL of a stream.
 *
 * A ticket is signed with the store's own key, is good for a short time, and
 * opens nothing but streams.
 */
#ifndef DB_CHAT_TICKETS_H
#define DB_CHAT_TICKETS_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

/* The claims of a ticket. */
struct ticket {
	struct user_id user;
	int64_t expires; /* of the ticket, steady ms */
	int64_t ends; /* of the credential behind it, wall ms; 0: never */
};

enum db_rc tickets_make(
    struct db *, const struct ticket *, struct buf *text) DB_CHECK;

/*
 * DB_NONE: TEXT is forged, of another store, expired, or its user has been
 * forgotten.
 */
enum db_rc tickets_check(
    struct db *, const char *text, struct ticket *) DB_CHECK;

#endif
