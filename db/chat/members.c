#include "db/chat/members.h"

#include <string.h>

#include "db/chat/nicknames.h"
#include "db/chat/presence_events.h"
#include "db/rows/bans.h"
#include "db/rows/events.h"
#include "db/rows/presence.h"
#include "db/rows/steady.h"

static enum db_rc
refuse(enum problem *why, enum problem what)
{
	*why = what;
	return DB_CONFLICT;
}

static enum db_rc
seat_new(struct db *db, const struct room *room, const struct newcomer *who,
    enum problem *why)
{
	struct chatter c = { .room = room->id,
		.user = who->user,
		.role =
		    room->owner.n == who->user.n ? ROLE_OWNER : ROLE_MEMBER };
	struct lookalike keys = LOOKALIKE_INIT;
	const char *nickname = who->nickname;
	struct buf generated = BUF_INIT;
	enum db_rc rc = DB_OK;

	if (nickname != NULL) {
		rc = nicknames_claim(db, &c, nickname, &keys, why);
	} else if (who->usual != NULL) {
		nickname = who->usual;
		lookalike_keys(nickname, &keys);
	} else {
		rc = nicknames_generate(
		    db, room->id, who->language, &generated, &keys);
		nickname = buf_str(&generated);
	}
	if (rc == DB_OK)
		rc = chatters_insert(db,
		    &(struct chatter_draft){ .room = c.room,
			.user = c.user,
			.role = c.role,
			.nickname = nickname,
			.keys = &keys,
			.joined = steady_now(db) });
	buf_done(&generated);
	lookalike_done(&keys);
	return rc;
}

enum db_rc
members_need_password(
    struct db *db, const struct room *room, struct user_id user, int *need)
{
	struct chatter c;
	enum db_rc rc;

	*need = room->has_password && room->owner.n != user.n;
	if (!*need)
		return DB_OK;
	rc = chatters_of_user(db, room->id, user, &c);
	if (rc == DB_OK)
		*need = c.left && c.role == ROLE_MEMBER;
	return rc == DB_NONE ? DB_OK : rc;
}

/* DB_OK: the newcomer knows the password or needs none. */
static enum db_rc
check_password(struct db *db, const struct room *room,
    const struct newcomer *who, enum problem *why)
{
	struct buf hash = BUF_INIT;
	enum db_rc rc;
	int need;

	rc = members_need_password(db, room, who->user, &need);
	if (rc != DB_OK || !need)
		return rc;
	if (who->password == NULL)
		return refuse(why, PROBLEM_PASSWORD_REQUIRED);
	/* The password may have changed since it was checked. */
	rc = rooms_add_password(db, room->id, &hash);
	if (rc == DB_OK &&
	    (who->proved == NULL || strcmp(who->proved, buf_str(&hash)) != 0))
		rc = refuse(why, PROBLEM_PASSWORD_WRONG);
	buf_done(&hash);
	return rc;
}

/* DB_OK: only the nickname can still be refused. */
static enum db_rc
admit(struct db *db, const struct room *room, const struct newcomer *who,
    enum problem *why)
{
	enum db_rc rc;

	if (rooms_expired(room))
		return refuse(why, PROBLEM_ROOM_EXPIRED);
	rc = bans_check(db, room->id, who->user);
	if (rc == DB_OK)
		return refuse(why, PROBLEM_BANNED);
	return rc == DB_NONE ? check_password(db, room, who, why) : rc;
}

enum db_rc
members_seat(struct db *db, const struct room *room, const struct newcomer *who,
    struct chatter *c, int *made, enum problem *why)
{
	enum db_rc rc;

	*made = 0;
	*why = PROBLEM_NONE;
	rc = admit(db, room, who, why);
	if (rc != DB_OK)
		return rc;
	rc = chatters_of_user(db, room->id, who->user, c);
	if (rc == DB_NONE) {
		rc = seat_new(db, room, who, why);
		if (rc != DB_OK)
			return rc;
		*made = 1;
		return chatters_of_user(db, room->id, who->user, c);
	}
	if (rc == DB_OK && who->nickname != NULL)
		rc = members_rename(db, room, c, who->nickname, why);
	if (rc != DB_OK || !c->left)
		return rc;
	c->left = 0;
	return chatters_come_back(db, c->id);
}

/* Tells ROOM the new nickname of C, who is online. */
static enum db_rc
tell_renamed(struct db *db, const struct room *room, const struct chatter *c,
    const char *was)
{
	struct buf item = BUF_INIT;
	enum db_rc rc = chatters_add_json_and(db, c->id, "was", was, &item);

	if (rc == DB_OK)
		rc = presence_events_tell(
		    db, room, PRESENCE_RENAMED, &item, EVENT_ENDS_NOBODY);
	buf_done(&item);
	return rc;
}

enum db_rc
members_rename(struct db *db, const struct room *room, const struct chatter *c,
    const char *nickname, enum problem *why)
{
	struct lookalike keys = LOOKALIKE_INIT;
	struct buf was = BUF_INIT;
	enum db_rc rc;

	*why = PROBLEM_NONE;
	if (rooms_expired(room))
		return refuse(why, PROBLEM_ROOM_EXPIRED);
	rc = nicknames_claim(db, c, nickname, &keys, why);
	if (rc == DB_OK)
		rc = chatters_nickname(db, c->id, &was);
	if (rc == DB_OK && strcmp(buf_str(&was), nickname) != 0) {
		rc = chatters_set_nickname(db, c->id, nickname, &keys);
		if (rc == DB_OK)
			rc = presence_online(db, c->id);
		if (rc == DB_OK)
			rc = tell_renamed(db, room, c, buf_str(&was));
		else if (rc == DB_NONE)
			rc = DB_OK;
	}
	lookalike_done(&keys);
	buf_done(&was);
	return rc;
}

enum db_rc
members_set_role(struct db *db, const struct room *room,
    const struct chatter *c, enum role role)
{
	struct buf item = BUF_INIT;
	enum db_rc rc;

	if (c->role == role)
		return DB_OK;
	rc = chatters_set_role(db, c->id, role);
	if (rc == DB_OK)
		rc = presence_online(db, c->id);
	if (rc == DB_OK)
		rc = chatters_add_json(db, c->id, &item);
	if (rc == DB_OK)
		rc = presence_events_tell(
		    db, room, PRESENCE_CHANGED, &item, EVENT_ENDS_NOBODY);
	buf_done(&item);
	return rc == DB_NONE ? DB_OK : rc;
}
