#include "db/chat/removal.h"

#include "db/chat/arrivals.h"
#include "db/chat/members.h"
#include "db/rows/bans.h"
#include "db/rows/steady.h"

enum db_rc
removal_remove(
    struct db *db, const struct room *room, const struct chatter *chatter)
{
	enum db_rc rc = DB_OK;

	if (!chatter->left)
		rc = arrivals_leave(db, room, chatter, LEAVE_REMOVED);
	/* If they return, they return as a member. */
	return rc == DB_OK ? members_set_role(db, room, chatter, ROLE_MEMBER) :
			     rc;
}

enum db_rc
removal_ban(struct db *db, const struct room *room,
    const struct chatter *chatter, int64_t ms)
{
	int64_t until = ms > 0 ? steady_now(db) + ms : 0;
	enum db_rc rc = removal_remove(db, room, chatter);

	return rc == DB_OK ?
	    bans_make(db, chatter->room, chatter->user, until) :
	    rc;
}
