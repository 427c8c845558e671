/*
 * absences: the table `absence`: intervals of messages for which a member was
 * absent.  An interval is since < id <= upto, in ids of messages.
 *
 * An absence without UPTO is open: the member is away now.  db/chat/unread.h
 * defines what an absence means and when it begins and ends.  Only this file
 * writes the table; all writing calls are made in a write transaction.
 */
#ifndef DB_ROWS_ABSENCES_H
#define DB_ROWS_ABSENCES_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

/*
 * CHATTER is away from ROOM from here on, and was delivered nothing after the
 * message HEARD.
 */
enum db_rc absences_open(struct db *, struct chatter_id, struct room_id,
    struct message_id heard) DB_CHECK;

/*
 * CHATTER is in ROOM from here on: the open absence ends, or goes if it is
 * empty.  *ENDED: 0 when there was none.
 */
enum db_rc absences_close(
    struct db *, struct chatter_id, struct room_id, int64_t *ended) DB_CHECK;

/* An interval of missed messages: AFTER < id <= UPTO. */
struct gap {
	struct message_id after, upto;
};

/* Adds an absence of CHATTER from ROOM if a message in GAP counts. */
enum db_rc absences_add(
    struct db *, struct chatter_id, struct room_id, struct gap) DB_CHECK;

/* Deletes all absences of CHATTER but the KEEP latest. */
enum db_rc absences_thin_out(struct db *, struct chatter_id, int keep) DB_CHECK;

/* Deletes CHATTER's absences that ended at the message READ or before it. */
enum db_rc absences_drop_past(
    struct db *, struct chatter_id, struct message_id read) DB_CHECK;

/* Deletes all absences of CHATTER; *N were deleted. */
enum db_rc absences_forget(struct db *, struct chatter_id, int64_t *n) DB_CHECK;

/*
 * The number of messages after READ that were sent to ROOM while CHATTER was
 * away, at most LIMIT.  Notices, deleted messages and CHATTER's own do not
 * count.
 */
enum db_rc absences_count(struct db *, struct chatter_id, struct room_id,
    struct message_id read, int limit, int64_t *n) DB_CHECK;

#endif
