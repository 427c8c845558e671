/*
 * unread: counts of unread messages.
 *
 * A member without presence who has not left is away.  Messages sent meanwhile
 * are unread until the read marker has passed them.  Nothing is written for a
 * message: the absences are intervals of message numbers (db/rows/absences.h),
 * and the count is made when it is asked for.  It leaves out notices, deleted
 * messages, and the member's own.
 *
 * Only a member who is away and has some connection open (db/rows/listeners.h)
 * is told of each message, in its transaction, by `unread` on the user's own
 * queue.  The rows of unread_watcher are exactly these members.  TOLD is the
 * count that the queue was told last.
 *
 * A client that has read a count together with a cursor, and follows the queue
 * from there, knows the count at every later cursor.  So a change is told at
 * once to members who are present or watch, and to the others when they next
 * come to the room or listen.
 *
 * Arrivals and messages call this file; it calls neither.
 */
#ifndef DB_CHAT_UNREAD_H
#define DB_CHAT_UNREAD_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"
#include "db/rows/rooms.h"

enum {
	UNREAD_MAX = 1000, /* stands for that many or more */
	ABSENCES_MAX = 64 /* of one member; the oldest are forgotten */
};

/*
 * In a write transaction, by arrivals: CHATTER is in ROOM from here on; is
 * away from here on, and was delivered nothing after HEARD; or is no longer a
 * member.  The queue is told of a count that it may not know.
 */
enum db_rc unread_present(
    struct db *, struct room_id, struct chatter_id) DB_CHECK;
enum db_rc unread_absent(struct db *, struct room_id, struct chatter_id,
    struct message_id heard) DB_CHECK;
enum db_rc unread_forget(struct db *, struct chatter_id) DB_CHECK;

/*
 * In a write transaction, while the room still has its chatters: removes the
 * queues' events about ROOM from the log.
 */
enum db_rc unread_forget_room(struct db *, const struct room *) DB_CHECK;

/*
 * In a write transaction, by arrivals: the first connection of USER listens,
 * and is told what it missed; or the last one has ended.
 */
enum db_rc unread_listening(struct db *, struct user_id) DB_CHECK;
enum db_rc unread_no_listener(struct db *, struct user_id) DB_CHECK;

/*
 * In a write transaction, by messages: SENDER (0: none) sent MESSAGE, a JSON
 * object, to ROOM; or a MESSAGE of SENDER, not a notice, was deleted there.
 */
enum db_rc unread_said(struct db *, const struct room *,
    struct chatter_id sender, const struct buf *message) DB_CHECK;
enum db_rc unread_deleted(struct db *, const struct room *,
    struct chatter_id sender, struct message_id message) DB_CHECK;

/*
 * In a write transaction: the events of queues that told about the message of
 * the event SEQ carry MESSAGE from now on.  unread_said appended them, right
 * after that event.
 */
enum db_rc unread_rewrite(
    struct db *, int64_t seq, const struct buf *message) DB_CHECK;

/*
 * In a write transaction: CHATTER of ROOM has read everything up to MESSAGE,
 * or up to the newest if that is less; it only goes forward.  Adds {"room",
 * "message","unread"} as it is then, and tells the user's own queue of a
 * change.
 */
enum db_rc unread_read(struct db *, const struct room *, struct chatter_id,
    struct message_id message, struct buf *) DB_CHECK;

/*
 * How many messages of ROOM are unread by its member CHATTER, who has read up
 * to READ; UNREAD_MAX at most.
 */
enum db_rc unread_count(struct db *, struct chatter_id, struct room_id,
    struct message_id read, int64_t *unread) DB_CHECK;

#endif
