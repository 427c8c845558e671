#include "db/chat/user_end.h"

#include "db/chat/accounts.h"
#include "db/chat/arrivals.h"
#include "db/rows/chatters.h"
#include "db/rows/events.h"
#include "db/rows/idempotency.h"
#include "db/rows/notifications.h"
#include "db/rows/rooms.h"

static enum db_rc
leave(struct db *db, const struct chatter *me)
{
	struct room room;
	enum db_rc rc = rooms_get(db, me->room, &room);

	return rc == DB_OK ? arrivals_leave(db, &room, me, LEAVE_LEFT) : rc;
}

static enum db_rc
leave_all(struct db *db, struct user_id user)
{
	struct chatter me = { .id = { 0 } };
	enum db_rc rc = DB_OK;

	while (rc == DB_OK) {
		rc = chatters_next_of_user(db, user, me.id, &me);
		if (rc == DB_OK)
			rc = leave(db, &me);
	}
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
blank_queue(struct db *db, struct user_id user)
{
	return events_blank(db, (struct scope){ SCOPE_USER, user.n });
}

/* Streams end first, so that they learn the reason before rooms go. */
static enum db_rc (*const steps[])(struct db *, struct user_id) = {
	accounts_forget,
	leave_all,
	arrivals_forget_user,
	notifications_drop_all,
	idempotency_forget,
	blank_queue,
};

enum db_rc
user_end_forget(struct db *db, struct user_id user)
{
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < sizeof(steps) / sizeof(steps[0]);
	     i++)
		rc = steps[i](db, user);
	return rc;
}
