/*
 * say: puts a message into a room.
 *
 * The ids of a room's messages are 1, 2, 3 and so on, without gaps; an id is
 * assigned in the transaction.  The message's JSON is made once, there, and
 * stored once: the answer to the sender, the event and every page of history
 * are the same bytes.
 */
#ifndef DB_CHAT_SAY_H
#define DB_CHAT_SAY_H

#include "db/base/address.h"
#include "db/base/problem.h"
#include "db/rows/messages.h"
#include "db/chat/rate_limit.h"
#include "db/rows/rooms.h"

struct message_draft {
	struct user_id user; /* 0: not known */
	struct key_id key; /* sends an alert without a seat; 0: none */
	enum message_type type;
	const char *content; /* UTF-8, checked */
	const char *client_id; /* NULL: none */
	const char *title; /* checked; NULL: none */
	const char *tags; /* JSON, an array of texts; NULL: none */
	const struct rate_limit *bucket; /* takes a token if new; NULL: none */
	const struct rate_limit *strangers; /* the same for a stranger */
	struct address_prefix from; /* of a stranger */
};

enum sent { SENT_NEW, SENT_BEFORE };

struct sent_result {
	enum sent sent;
	int64_t wait; /* ms */
};

/*
 * In a write transaction: stores the message of its USER, who must be in ROOM
 * unless anyone may send there, which appends it to the log.  Adds its JSON to
 * JSON.  SENT_BEFORE: the same client_id was stored before; JSON is that
 * message's, and nothing else happens.  A stranger's client_id counts only
 * from the same address and with the same text, because it proves nothing.
 * Members who are away and have a connection open are told on their queues.
 * DB_CONFLICT with *WHY: room_expired, token_required, not_in_room, banned,
 * alerter_only (an alert by a mere member or a stranger), slow_mode and
 * rate_limited: WAIT ms are left.
 */
enum db_rc say_send(struct db *, const struct room *,
    const struct message_draft *, struct buf *json, struct sent_result *,
    enum problem *why) DB_CHECK;

/*
 * In a write transaction: stores and appends an alert by the server.  CONTENT
 * is for clients that do not put NOTICE, a JSON object (db/chat/notices.h),
 * into words of their own.
 */
enum db_rc say_notice(struct db *, const struct room *, const char *content,
    const struct buf *notice) DB_CHECK;

#endif
