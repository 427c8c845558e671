/*
 * notifications: the tables `notification` and `act`: what users were told
 * about the acts of others.
 *
 * An act (a like, a mention) has a type and, mostly, a target.  A notification
 * is one act or several that collapsed into one: it counts them, has the text
 * of the newest, and is ordered by CHANGED, which no two of one user share.
 * db/chat/notify.h has the rules.
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

/* Acts of one occasion collapse; an act without a target never does. */
struct occasion {
	const char *room; /* whose members did it; "": told by a service */
	const char *type;
	const char *target_kind; /* "" none */
	const char *target_id; /* "" none */
};

struct act {
	struct user_id user; /* the recipient */
	struct occasion occasion;
	const char *actor; /* a chatter's name, or the service's name for
			      the person; NULL: not said, counts by itself */
	const char *text; /* UTF-8, checked */
	const char *parent_id; /* "" none */
	const char *payload; /* one JSON object, no line break */
};

/* The unread notification of OCCASION.  DB_NONE: there is none. */
enum db_rc notifications_find_open(struct db *, struct user_id,
    const struct occasion *, struct notification_id *) DB_CHECK;

/* DB_OK: the notification holds an act of ACTOR; DB_NONE: it does not. */
enum db_rc notifications_acted(
    struct db *, struct notification_id, const char *actor) DB_CHECK;

/*
 * In write transactions: makes a notification of one act; adds one act to it.
 * MADE and CHANGED are wall ms.
 */
enum db_rc notifications_insert(struct db *, const struct act *, int64_t made,
    int64_t changed, struct notification_id *) DB_CHECK;
enum db_rc notifications_add_act(struct db *, struct notification_id,
    const struct act *, int64_t changed) DB_CHECK;

/*
 * In a write transaction: takes ACTOR's act out.  *OTHERS 0: that was the last
 * one, and the notification is to be dropped.  DB_NONE: there is no such act.
 */
enum db_rc notifications_take_act(struct db *, struct notification_id,
    const char *actor, int *others) DB_CHECK;

/* The CHANGED of the user's newest, 0: none; and how many the user has. */
enum db_rc notifications_newest(
    struct db *, struct user_id, int64_t *changed) DB_CHECK;
enum db_rc notifications_count(
    struct db *, struct user_id, int64_t *count) DB_CHECK;

/* At most N notifications to drop first: the oldest read, then the oldest. */
enum db_rc notifications_surplus(struct db *, struct user_id, int64_t n,
    struct notification_id *, int64_t *found) DB_CHECK;

/* DB_NONE: the user has no such notification. */
enum db_rc notifications_is_unread(struct db *, struct user_id,
    struct notification_id, int64_t *unread) DB_CHECK;

/* Adds "1,2": the unread ones that changed no later than UPTO. */
enum db_rc notifications_add_unread_ids(
    struct db *, struct user_id, int64_t upto, struct buf *) DB_CHECK;

/* In write transactions: one is READ at that time; all up to UPTO are. */
enum db_rc notifications_mark(
    struct db *, struct notification_id, int64_t read) DB_CHECK;
enum db_rc notifications_mark_upto(struct db *, struct user_id, int64_t upto,
    int64_t read, int64_t *marked) DB_CHECK;

/* In write transactions: deletes one, or all of a user. */
enum db_rc notifications_drop(struct db *, struct notification_id) DB_CHECK;
enum db_rc notifications_drop_all(struct db *, struct user_id) DB_CHECK;

/*
 * Adds its JSON as it is now, with the text of ACTOR, who need not know what
 * others said; NULL: of the newest.  DB_NONE: it, or that act, is gone.
 */
enum db_rc notifications_add_json(struct db *, struct notification_id,
    const char *actor, struct buf *) DB_CHECK;

enum which { WHICH_ALL, WHICH_UNREAD };
struct inbox_page {
	enum which which;
	int64_t before; /* CHANGED, wall ms; INT64_MAX: from the newest */
	int limit;
};

/* Adds "{…},{…}", the newest first.  *MORE: older ones follow. */
enum db_rc notifications_add_page(struct db *, struct user_id,
    const struct inbox_page *, struct buf *, int *more) DB_CHECK;

#endif
