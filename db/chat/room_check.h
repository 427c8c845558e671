/*
 * room_check: checks a room's id, title and numbers.  The API and `parlor room
 * create` both use it.
 *
 * Each call returns NULL, or says in words what the text must be.  The numeric
 * limits are in db/rows/rooms.h.
 */
#ifndef DB_CHAT_ROOM_CHECK_H
#define DB_CHAT_ROOM_CHECK_H

const char *room_check_id(const char *text);
const char *room_check_namespace(const char *text);
const char *room_check_notices(const char *text);
const char *room_check_posting(const char *text);

/* The namespace of a room that names none. */
extern const char room_check_main[];

#endif
