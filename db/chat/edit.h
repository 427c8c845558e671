/*
 * edit: edits and deletes messages, in the history and the log.
 */
#ifndef DB_CHAT_EDIT_H
#define DB_CHAT_EDIT_H

#include "db/base/buf.h"
#include "db/base/problem.h"
#include "db/rows/rooms.h"

/* A request to change a message. */
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
 * In a write transaction: changes the text, or leaves only the fact that there
 * was a message, and appends `edited` or `deleted`.  The log tells the message
 * as it is then.  edit_message adds its JSON to JSON.  Only the author edits;
 * the author, moderators and a SUPERVISOR delete.  DB_NONE: there is no such
 * message, or it was deleted (deleting it again is DB_OK).  DB_CONFLICT with
 * *WHY: not_in_room, banned, author_only, deleter_only, too_late, room_expired
 * (an edit).
 */
enum db_rc edit_message(struct db *, const struct room *,
    const struct message_change *, struct buf *json,
    enum problem *why) DB_CHECK;
enum db_rc edit_delete(struct db *, const struct room *,
    const struct message_change *, enum problem *why) DB_CHECK;

#endif
