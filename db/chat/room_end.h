/*
 * room_end: closes expired rooms, and deletes rooms.
 *
 * A deleted room may be very large.  room_end_delete leaves a tombstone under
 * a name that nobody knows.  Only room_end_purge finds it, and removes it in
 * short writes.
 */
#ifndef DB_CHAT_ROOM_END_H
#define DB_CHAT_ROOM_END_H

#include "db/rows/rooms.h"

/*
 * In a write transaction: takes the room away from everybody, ends presence
 * in it, and appends the `room` event that ends every subscription.  Its name
 * is free.  This blocks all writers while its events are removed from members'
 * personal queues.
 */
enum db_rc room_end_delete(struct db *, const struct room *) DB_CHECK;

/*
 * In a write transaction: closes each room whose time is over, once: everybody
 * there leaves, and the `room` event ends the subscriptions.  At most LIMIT
 * rooms, and of a large crowd at most as many as one event can tell.  Call it
 * until it answers DB_NONE: none is left.  room_end_due asks the same without
 * writing.  A room that is given more time opens again
 * (db/chat/room_change.h), and so does a room that was closed because the
 * clock was ahead.
 */
enum db_rc room_end_close_expired(struct db *, int limit) DB_CHECK;
enum db_rc room_end_due(struct db *) DB_CHECK;

/*
 * In a write transaction: removes a part of a tombstone, about LIMIT rows of
 * each kind at once: events, messages, bans and chatters.  After the last part
 * no file of the store holds the room's messages.  If there is no tombstone,
 * deletes a room that was closed before BEFORE (steady ms).  DB_NONE: there is
 * none.  room_end_purge_due asks the same without writing.
 */
enum db_rc room_end_purge(struct db *, int64_t before, int limit) DB_CHECK;
enum db_rc room_end_purge_due(struct db *, int64_t before) DB_CHECK;

#endif
