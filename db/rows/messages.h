/*
 * messages: what people said in rooms.
 *
 * A message's id counts 1, 2, 3 … in its room, without holes, given in the
 * commit.  Its JSON is made once, by the writer: the poster's answer, the
 * event and every page of history are those bytes.
 */
#ifndef DB_ROWS_MESSAGES_H
#define DB_ROWS_MESSAGES_H

#include "db/base/buf.h"
#include "db/rows/rate_limit.h"
#include "db/rows/chatters.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/base/problem.h"
#include "db/rows/rooms.h"

enum message_type { MESSAGE_PLAIN, MESSAGE_ALERT };
enum { CLIENT_ID_MAX = 64, MESSAGES_LIMIT_MAX = 200 };

struct message_draft {
	struct user_id user;
	struct key_id key; /* sends an alert without a seat; 0: none */
	enum message_type type;
	const char *content; /* UTF-8, checked */
	const char *client_id; /* NULL: none */
	const struct rate_limit *bucket; /* takes a token if new; NULL: none */
};

enum sent { SENT_NEW, SENT_BEFORE };

/*
 * In a write transaction: stores the message of its USER, who must be in ROOM,
 * and appends its event.  Adds its JSON to JSON.  *SENT says whether the same
 * client_id was stored before; then JSON is that message's, and nothing else
 * happens.  Members who are not there and listen are told (db/rows/unread.h).
 * DB_CONFLICT with *WHY: room_expired, not_in_room, alerter_only (an alert by a
 * mere member), slow_mode and rate_limited: *WAIT ms are left.
 */
struct sent_result {
	enum sent sent;
	int64_t wait;
};
enum db_rc messages_send(struct db *, const struct room *,
    const struct message_draft *, struct buf *json, struct sent_result *,
    enum problem *why) DB_CHECK;

/* Who changes a message, and which. */
enum changer { CHANGER_PERSON, CHANGER_SUPERVISOR };
struct message_change {
	struct user_id user;
	struct key_id key; /* a service key asks; 0: a person */
	enum changer as; /* SUPERVISOR: needs no seat, and deletes any */
	struct message_id message;
	int64_t within; /* ms in which members may change what they sent */
	const char *content; /* of an edit; UTF-8, checked */
};

/*
 * In a write transaction: changes the text, or leaves nothing of the message
 * but that there was one, in the history and in the log of events alike, and
 * appends `edited` or `deleted`.  messages_edit adds its JSON to JSON.  Only
 * the author edits; the author, moderators and a SUPERVISOR delete.  DB_NONE:
 * there is none, or it was deleted (deleting that again is DB_OK).
 * DB_CONFLICT with *WHY: not_in_room, banned, author_only, deleter_only,
 * too_late, room_expired (an edit).
 */
enum db_rc messages_edit(struct db *, const struct room *,
    const struct message_change *, struct buf *json,
    enum problem *why) DB_CHECK;
enum db_rc messages_delete(struct db *, const struct room *,
    const struct message_change *, enum problem *why) DB_CHECK;

/*
 * In a write transaction: stores and appends an alert of the server's: CONTENT
 * for who words nothing, and NOTICE, a JSON object (db/rows/notices.h).
 */
enum db_rc messages_notice(struct db *, const struct room *,
    const char *content, const struct buf *notice) DB_CHECK;

/* Which page of the history: see messages_add_page. */
struct page {
	enum { PAGE_NEWEST, PAGE_BEFORE, PAGE_AFTER } from;
	struct message_id message; /* not for PAGE_NEWEST */
	int limit;
};

/*
 * Adds "{…},{…}", oldest first: at most LIMIT messages before or after one,
 * or the newest.  *MORE: others follow in that direction (before, for
 * PAGE_NEWEST).
 */
enum db_rc messages_add_page(struct db *, struct room_id, const struct page *,
    struct buf *, int *more) DB_CHECK;

/* The newest message of a room, notices too; 0: there is none. */
enum db_rc messages_last(
    struct db *, struct room_id, struct message_id *) DB_CHECK;

/* Adds the one message.  DB_NONE: there is none. */
enum db_rc messages_add_json(
    struct db *, struct room_id, struct message_id, struct buf *) DB_CHECK;

#endif
