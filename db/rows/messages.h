/*
 * messages: the table `message`: rows, and pages of history.
 *
 * A message is its own entry in the log: the key of its row is the seq of the
 * event that tells it, so its text stands in one place.
 *
 * db/chat/say.h and db/chat/edit.h say how messages come to be and change.
 */
#ifndef DB_ROWS_MESSAGES_H
#define DB_ROWS_MESSAGES_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

enum message_type { MESSAGE_PLAIN, MESSAGE_ALERT };
enum { CLIENT_ID_MAX = 64, MESSAGES_LIMIT_MAX = 200 };

/* The key of what people send who are not in the room. */
extern const struct key_id messages_stranger;

/* A new message; lent. */
struct message_row {
	struct room_id room;
	struct message_id id;
	struct chatter_id chatter; /* 0: the server, a key or a stranger */
	struct key_id key; /* 0: none; messages_stranger */
	enum message_type type;
	int64_t sent; /* steady ms */
	const char *client_id; /* NULL: none */
	const struct buf *json; /* without a line break */
};

/*
 * In a write transaction: stores the message and so appends it to the log; the
 * doorbell rings after the commit.  events_last gives its seq.
 */
enum db_rc messages_insert(struct db *, const struct message_row *) DB_CHECK;

/*
 * Adds the JSON of the message that a chatter, or a service key in a room,
 * sent with CLIENT_ID.  DB_NONE: there is none.
 */
enum db_rc messages_sent_by(struct db *, struct chatter_id,
    const char *client_id, struct buf *json) DB_CHECK;
enum db_rc messages_sent_by_key(struct db *, struct key_id, struct room_id,
    const char *client_id, struct buf *json) DB_CHECK;

/* A stored message without its JSON. */
struct stored_message {
	struct chatter_id chatter; /* both 0: it is a notice */
	struct key_id key;
	int64_t sent; /* steady ms */
	int64_t edit; /* seq of its last edit's event */
	int64_t event; /* its own seq; below 0: long gone from the log */
	int deleted;
};

/* Adds its JSON to JSON.  DB_NONE: there is no such message. */
enum db_rc messages_get(struct db *, struct room_id, struct message_id,
    struct stored_message *, struct buf *json) DB_CHECK;

/*
 * In write transactions: replaces the message's JSON because of the edit that
 * EVENT tells, or because the message was DELETED (wall ms).  Soon after the
 * commit no file of the store holds the old text.
 */
enum db_rc messages_set_edited(struct db *, struct room_id, struct message_id,
    const struct buf *json, int64_t event) DB_CHECK;
enum db_rc messages_set_deleted(struct db *, struct room_id, struct message_id,
    const struct buf *json, int64_t deleted) DB_CHECK;

/* In a write transaction: deletes at most LIMIT of a room, the oldest first. */
enum db_rc messages_drop_some(
    struct db *, struct room_id, int limit, int64_t *dropped) DB_CHECK;

/* A page of the history: see messages_add_page. */
struct page {
	enum { PAGE_NEWEST, PAGE_BEFORE, PAGE_AFTER } from;
	struct message_id message; /* not for PAGE_NEWEST */
	int limit;
};

/*
 * Adds "{…},{…}", oldest first: messages before or after one, or the newest.
 * At most LIMIT (<= MESSAGES_LIMIT_MAX), and only as many as keep the buffer
 * within LIST_BYTES_MAX, but one in any case.  *MORE: others follow in that
 * direction (before, for PAGE_NEWEST).
 */
enum db_rc messages_add_page(struct db *, struct room_id, const struct page *,
    struct buf *, int *more) DB_CHECK;

/*
 * The newest message of a room, notices too; 0: there is none.  *WATCHED: the
 * queue of some member is told of new messages (unread_watcher).
 */
enum db_rc messages_last(
    struct db *, struct room_id, struct message_id *) DB_CHECK;
enum db_rc messages_last_and_watched(
    struct db *, struct room_id, struct message_id *, int *watched) DB_CHECK;

/* Adds the one message.  DB_NONE: there is none. */
enum db_rc messages_add_json(
    struct db *, struct room_id, struct message_id, struct buf *) DB_CHECK;

/* The newest message whose event is SEQ or before; 0: there is none. */
enum db_rc messages_at(
    struct db *, struct room_id, int64_t seq, struct message_id *) DB_CHECK;

#endif
