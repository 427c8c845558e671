/*
 * exports: a room, or what is kept of a person, as JSON lines.
 *
 * Each line is an object with one member that names its kind: `room`, `user`,
 * `chatter`, `message` or `notification`, in the API's own form.  A large room
 * is read in portions, so no writer waits and no snapshot is long; messages that
 * come meanwhile are in it or not.
 */
#ifndef DB_CHAT_EXPORTS_H
#define DB_CHAT_EXPORTS_H

#include "db/base/buf.h"
#include "db/engine/db.h"

/* Gets a line without its line break; it is lent for the call. */
typedef void (*exports_fn)(const struct buf *line, void *arg);

/* ROOM by its id; PERSON as people_find names it.  DB_NONE: there is none. */
enum db_rc exports_room(
    struct db *, const char *room, exports_fn, void *arg) DB_CHECK;
enum db_rc exports_person(
    struct db *, const char *person, exports_fn, void *arg) DB_CHECK;

#endif
