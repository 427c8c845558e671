#include "db/chat/notices.h"

#include "db/base/must.h"
#include "db/chat/say.h"
#include "db/rows/chatters.h"
#include "db/rows/notice_pace.h"

enum { SPOKEN_MAX = 3 }; /* nicknames in the text for plain clients */

static const char *const reasons[N_NOTICES] = {
	[NOTICE_LEFT] = "left",
	[NOTICE_TIMEOUT] = "timeout",
	[NOTICE_REMOVED] = "removed",
	[NOTICE_ROOM_CLOSED] = "room_closed",
};

const char *
notices_reason(enum notice notice)
{
	return reasons[notice];
}

static int
wanted(const struct room *room, enum notice notice)
{
	switch (room->notices) {
	case NOTICES_ALL:
		return 1;
	case NOTICES_QUIET:
		return notice == NOTICE_REMOVED || notice == NOTICE_ROOM_CLOSED;
	case NOTICES_OFF:
		return 0;
	}
	return 0;
}

/* The chatters of one notice: some are named, all are counted. */
struct crowd {
	struct chatter_id ids[NOTICES_NAMED_MAX];
	size_t named;
	int64_t count;
};

/* "kim", "kim and lee", "kim, lee and 7 others": its part at place I. */
static void
add_name(const struct crowd *who, size_t i, const struct buf *name,
    struct buf *content)
{
	int64_t spoken = who->count > SPOKEN_MAX ? SPOKEN_MAX - 1 : who->count;
	int64_t at = (int64_t)i;

	if (at >= spoken)
		return;
	if (at > 0)
		buf_adds(content, at == who->count - 1 ? " and " : ", ");
	buf_add(content, name->p, name->len);
	if (at == spoken - 1 && who->count > spoken)
		buf_addf(content, " and %lld others",
		    (long long)(who->count - spoken));
}

/* The chatters as JSON into LIST, and in words into CONTENT. */
static enum db_rc
add_names(struct db *db, const struct crowd *who, struct buf *list,
    struct buf *content)
{
	struct buf name = BUF_INIT;
	enum db_rc rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < who->named; i++) {
		buf_clear(&name);
		if (i > 0)
			buf_addc(list, ',');
		rc = chatters_add_author(db, who->ids[i], list, &name);
		add_name(who, i, &name, content);
	}
	buf_done(&name);
	return rc;
}

static enum db_rc
tell(struct db *db, const struct room *room, enum notice notice,
    const struct crowd *who)
{
	const char *kind = notice == NOTICE_JOINED ? "joined" : "left";
	struct buf content = BUF_INIT, list = BUF_INIT, json = BUF_INIT;
	enum db_rc rc = add_names(db, who, &list, &content);

	buf_addf(&content, " %s", kind);
	buf_addf(&json, "{\"kind\":\"%s\",\"reason\":", kind);
	if (notice == NOTICE_JOINED)
		buf_adds(&json, "null");
	else
		buf_addf(&json, "\"%s\"", reasons[notice]);
	if (who->count == 1)
		buf_addf(&json, ",\"chatter\":%s}", buf_str(&list));
	else
		buf_addf(&json, ",\"chatters\":[%s],\"count\":%lld}",
		    buf_str(&list), (long long)who->count);
	if (rc == DB_OK)
		rc = say_notice(db, room, buf_str(&content), &json);
	buf_done(&content);
	buf_done(&list);
	buf_done(&json);
	return rc;
}

static enum db_rc
read_pace(
    struct db *db, struct room_id room, int64_t now, struct notice_pace *pace)
{
	enum db_rc rc = notice_pace_read(db, room, pace);

	if (now < pace->began || now - pace->began >= NOTICES_BURST_MS) {
		pace->began = now;
		pace->told = 0;
	}
	return rc == DB_NONE ? DB_OK : rc;
}

/* A third change removes the first two, which have not been told. */
static enum db_rc
coalesce(struct db *db, const struct room *room, enum notice notice,
    struct chatter_id id)
{
	struct coalesced c = { room->id, id, 0, (int)notice };
	enum db_rc rc = notice_pace_waiting(db, id, &c.again);

	if (rc == DB_OK && c.again == 2) {
		rc = notice_pace_forget_chatter(db, id);
		c.again = 0;
	}
	return rc == DB_OK ? notice_pace_coalesce(db, &c) : rc;
}

static enum db_rc
tell_group(struct db *db, const struct room *room,
    const struct coalesced_group *g, struct notice_pace *pace)
{
	enum notice notice = (enum notice)g->notice;
	struct crowd who;
	enum db_rc rc;

	/* The room's setting may have changed. */
	if (!wanted(room, notice))
		return DB_OK;
	rc = notice_pace_count(db, g, &who.count);
	if (rc != DB_OK || who.count == 0)
		return rc;
	rc = notice_pace_list(db, g, NOTICES_NAMED_MAX, who.ids, &who.named);
	if (rc != DB_OK)
		return rc;
	pace->told++;
	return tell(db, room, notice, &who);
}

/*
 * Tells one notice of each kind.  Joins come last, behind the leaves that they
 * follow; but if somebody came and then went, the first joins come first.
 */
static enum db_rc
tell_room(struct db *db, struct room_id id)
{
	struct notice_pace pace = { .began = db_lease_now(db) };
	struct coalesced_group joins = { id, NOTICE_JOINED, { 0, 1 } };
	struct coalesced_group first = { id, NOTICE_JOINED, { 0, 0 } };
	struct room room;
	enum db_rc rc = rooms_get(db, id, &room);

	if (rc == DB_OK)
		rc = notice_pace_came_and_went(db, id, NOTICE_JOINED);
	if (rc == DB_OK) {
		joins.again[0] = 1;
		rc = tell_group(db, &room, &first, &pace);
	} else if (rc == DB_NONE)
		rc = DB_OK;
	for (int i = NOTICE_JOINED + 1; rc == DB_OK && i < N_NOTICES; i++)
		rc = tell_group(db, &room,
		    &(struct coalesced_group){ id, i, { 0, 1 } }, &pace);
	if (rc == DB_OK)
		rc = tell_group(db, &room, &joins, &pace);
	if (rc == DB_OK)
		rc = notice_pace_forget_room(db, id);
	return rc == DB_OK ? notice_pace_set(db, id, &pace) : rc;
}

enum db_rc
notices_tell(struct db *db, const struct room *room, enum notice notice,
    const struct chatter_id *ids, size_t n)
{
	struct crowd who = { .count = (int64_t)n };
	int64_t now = db_lease_now(db);
	struct notice_pace pace;
	enum db_rc rc;

	must(n > 0);
	if (!wanted(room, notice))
		return DB_OK;
	rc = read_pace(db, room->id, now, &pace);
	/* Later nobody would be there to receive it. */
	if (rc == DB_OK && notice == NOTICE_ROOM_CLOSED) {
		rc = pace.due != 0 ? tell_room(db, room->id) : DB_OK;
		pace = (struct notice_pace){ .began = now };
	}
	if (rc == DB_OK && pace.due == 0) {
		if (pace.told < NOTICES_BURST)
			pace.told++;
		else
			pace.due = now + NOTICES_BURST_MS;
		rc = notice_pace_set(db, room->id, &pace);
	}
	if (rc == DB_OK && pace.due != 0) {
		for (size_t i = 0; rc == DB_OK && i < n; i++)
			rc = coalesce(db, room, notice, ids[i]);
		return rc;
	}
	for (; who.named < n && who.named < NOTICES_NAMED_MAX; who.named++)
		who.ids[who.named] = ids[who.named];
	return rc == DB_OK ? tell(db, room, notice, &who) : rc;
}

/* At most LIMIT rooms whose notices are due, into ROOMS. */
static enum db_rc
find_due(struct db *db, int limit, struct room_id *rooms, int *n)
{
	int64_t now = db_lease_now(db);
	int64_t later[2] = { now, now + NOTICES_BURST_MS };

	return notice_pace_due(db, later, limit, rooms, n);
}

enum db_rc
notices_flush(struct db *db, int limit)
{
	struct room_id *rooms = must_alloc((size_t)limit * sizeof(*rooms));
	int n;
	enum db_rc rc = find_due(db, limit, rooms, &n);

	for (int i = 0; rc == DB_OK && i < n; i++)
		rc = tell_room(db, rooms[i]);
	free(rooms);
	return rc == DB_OK && n == 0 ? DB_NONE : rc;
}

enum db_rc
notices_due(struct db *db)
{
	struct room_id one;
	int n;
	enum db_rc rc = find_due(db, 1, &one, &n);

	return rc == DB_OK && n == 0 ? DB_NONE : rc;
}
