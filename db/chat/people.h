/*
 * people: the users whom an administrator names.
 */
#ifndef DB_CHAT_PEOPLE_H
#define DB_CHAT_PEOPLE_H

#include "db/engine/db.h"
#include "db/rows/ids.h"

/*
 * The user whom GET /me calls NAME, whom the embedding site calls so, or who is
 * the chatter of that id in some room; the first of these.  DB_NONE: there is
 * none.
 */
enum db_rc people_find(
    struct db *, const char *name, struct user_id *) DB_CHECK;

#endif
