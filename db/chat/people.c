#include "db/chat/people.h"

#include "db/rows/inventory.h"
#include "db/rows/users.h"

enum db_rc
people_find(struct db *db, const char *name, struct user_id *user)
{
	static enum db_rc (*const ways[])(
	    struct db *, const char *, struct user_id *) = {
		users_by_name,
		users_by_subject,
		inventory_user_of_chatter,
	};
	enum db_rc rc = DB_NONE;

	for (size_t i = 0; rc == DB_NONE && i < sizeof(ways) / sizeof(ways[0]);
	     i++)
		rc = ways[i](db, name, user);
	return rc;
}
