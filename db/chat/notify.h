/*
 * notify: sends, collapses and withdraws notifications.
 *
 * Acts of one type on one target collapse into one notification for as long as
 * it is unread: it moves to the top with each.  An act that is withdrawn is
 * taken out of it; if that was the last one, the notification is deleted.  A
 * notification that has been read is history: no act changes it.  Acts of a
 * room's members and acts that a service reports never collapse into each
 * other, so no member can speak for a service.
 *
 * Each of these keeps the user's unread count in the transaction that changes
 * it, and tells every change on the user's own queue with the new count.
 */
#ifndef DB_CHAT_NOTIFY_H
#define DB_CHAT_NOTIFY_H

#include "db/rows/notifications.h"

struct told {
	struct notification_id id;
	enum { TOLD_NEW, TOLD_BEFORE } as;
};

/*
 * In a write transaction: stores the act and appends `notification`.  Adds the
 * notification's JSON to JSON, with the act's own text.  TOLD_BEFORE: an
 * unread notification took the act in, or had it already; in the second case
 * nothing changes and nothing is told.  If the user would have more than KEEP,
 * the oldest read, then the oldest are deleted.
 */
enum db_rc notify_tell(struct db *, const struct act *, int64_t keep,
    struct buf *json, struct told *) DB_CHECK;

/*
 * In a write transaction: takes ACTOR's act, or with NULL all acts, out of the
 * unread notification of OCCASION, and tells of it.  DB_OK too if there is no
 * such notification.
 */
enum db_rc notify_withdraw(struct db *, struct user_id, const struct occasion *,
    const char *actor) DB_CHECK;

/*
 * In a write transaction, each with a `notifications` event if it changes
 * anything: marks one of the user's as read and adds its JSON; marks all that
 * changed no later than UPTO (wall ms; INT64_MAX: all); deletes one.
 * DB_NONE: the user has no such notification.
 */
enum db_rc notify_read(struct db *, struct user_id, struct notification_id,
    struct buf *json) DB_CHECK;
enum db_rc notify_read_all(struct db *, struct user_id, int64_t upto) DB_CHECK;
enum db_rc notify_delete(
    struct db *, struct user_id, struct notification_id) DB_CHECK;

#endif
