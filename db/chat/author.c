#include "db/chat/author.h"

#include "db/rows/bans.h"

enum db_rc
author_find(struct db *db, struct room_id room, struct user_id user,
    struct author *author, enum problem *why)
{
	enum db_rc rc = chatters_author(db, room, user, author);

	if (rc == DB_NONE || (rc == DB_OK && author->left))
		return bans_refuse(db, room, user, why);
	return rc;
}
