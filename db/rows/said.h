/*
 * said: the newest message of a room that counts as unread, in SQL.
 *
 * Notices, which have neither chatter nor key, do not count.  A room can have
 * many of them in a row, so the first of a row notes in its room's row which
 * message came before.  A message writes nothing there: it is the newest
 * itself, and each written row is a page of its own in the write-ahead log.
 */
#ifndef DB_ROWS_SAID_H
#define DB_ROWS_SAID_H

/* The id of that message in ROOM, an SQL expression; 0: there is none. */
#define SAID_IN(room)                                                       \
	"coalesce((SELECT CASE WHEN newest.chatter IS NULL"                 \
	" AND newest.key IS NULL THEN (SELECT said_before_notice FROM room" \
	" WHERE room.id = " room ") ELSE newest.id END"                     \
	" FROM message AS newest WHERE newest.room = " room                 \
	" ORDER BY newest.id DESC LIMIT 1), 0)"

#endif
