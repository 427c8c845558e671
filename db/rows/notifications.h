/*
 * notifications: what a user is told of what others did.
 *
 * Somebody's act (a like, a mention) is told with a type and, mostly, a target.
 * Acts of one type on one target collapse into one notification for as long as
 * it is unread: it counts them, has the words of the newest and moves to the
 * top with each.  An act that is withdrawn is taken out of it; the last one
 * takes it along.  What has been read is history: no act changes it.  Acts of a
 * room's members and what a service tells never collapse into each other, so
 * nobody can put words into a service's mouth.
 *
 * The unread count of a user is kept by each of these in the transaction that
 * changes it, and every change is told on the user's own queue with the count
 * as it is then.  The order of a user's notifications is that of CHANGED, which
 * no two of them share.
 */
#ifndef DB_ROWS_NOTIFICATIONS_H
#define DB_ROWS_NOTIFICATIONS_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

enum {
	NOTIFICATION_TYPE_MAX = 40,
	NOTIFICATION_PAYLOAD_MAX = 4096, /* bytes */
	NOTIFICATION_ACTS_MAX = 1000, /* remembered of one notification */
	NOTIFICATIONS_LIMIT_MAX = 200
};

/* What acts collapse by; one without a target collapses with nothing. */
struct occasion {
	const char *room; /* whose members did it; "" a service told */
	const char *type;
	const char *target_kind; /* "" none */
	const char *target_id; /* "" none */
};

struct act {
	struct user_id user; /* who is told */
	struct occasion occasion;
	const char *actor; /* who did it: a chatter's name, or what the service
			      calls them; NULL: not said, counts by itself */
	const char *text; /* UTF-8, checked */
	const char *parent_id; /* "" none */
	const char *payload; /* one JSON object, no line break */
};

struct told {
	struct notification_id id;
	enum { TOLD_NEW, TOLD_BEFORE } as;
};

/*
 * In a write transaction: stores the act and appends `notification`.  Adds the
 * notification's JSON to JSON, with the act's own words.  TOLD_BEFORE: an
 * unread one took the act in, or had it already; then nothing changes and
 * nothing is told.  Of more than KEEP that the user would have, the oldest
 * read, then the oldest go.
 */
enum db_rc notifications_tell(struct db *, const struct act *, int64_t keep,
    struct buf *json, struct told *) DB_CHECK;

/*
 * Adds its JSON as it is now, with the words of ACTOR, who need not know what
 * others said; NULL: of the newest.  DB_NONE: it, or that act, is gone.
 */
enum db_rc notifications_add_json(struct db *, struct notification_id,
    const char *actor, struct buf *) DB_CHECK;

/*
 * In a write transaction: takes ACTOR's act, or with NULL all acts, out of the
 * unread notification of OCCASION, and tells of it.  DB_OK too if there is no
 * such.
 */
enum db_rc notifications_withdraw(struct db *, struct user_id,
    const struct occasion *, const char *actor) DB_CHECK;

/* How many are unread. */
enum db_rc notifications_unread(
    struct db *, struct user_id, int64_t *unread) DB_CHECK;

enum which { WHICH_ALL, WHICH_UNREAD };
struct inbox_page {
	enum which which;
	int64_t before; /* CHANGED, wall ms; INT64_MAX: from the newest */
	int limit;
};

/* Adds "{…},{…}", the newest first.  *MORE: older ones follow. */
enum db_rc notifications_add_page(struct db *, struct user_id,
    const struct inbox_page *, struct buf *, int *more) DB_CHECK;

/*
 * In a write transaction, each with a `notifications` event if it changes
 * anything: marks one of the user's as read and adds its JSON; marks all that
 * changed no later than UPTO (wall ms; INT64_MAX: all); deletes one.
 * DB_NONE: the user has no such notification.
 */
enum db_rc notifications_read(struct db *, struct user_id,
    struct notification_id, struct buf *json) DB_CHECK;
enum db_rc notifications_read_all(
    struct db *, struct user_id, int64_t upto) DB_CHECK;
enum db_rc notifications_delete(
    struct db *, struct user_id, struct notification_id) DB_CHECK;

/* In a write transaction, when nobody is USER any more (see users_forget). */
enum db_rc notifications_forget(struct db *, struct user_id) DB_CHECK;

#endif
