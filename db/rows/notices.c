#include "db/rows/notices.h"

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/chat/say.h"
#include "db/rows/sql.h"

enum {
	PACE,
	SET_PACE,
	DUE,
	WAITING,
	WITHHOLD,
	FORGET_CHATTER,
	WHO,
	HOW_MANY,
	CAME_AND_WENT,
	FORGET_ROOM,
	N_SQL
};

enum { COL_BEGAN, COL_TOLD, COL_DUE };
enum { SPOKEN_MAX = 3 }; /* nicknames in the text for who words nothing */

#define GROUP "room = ? AND notice = ? AND again BETWEEN ? AND ?"

static const char *const sql[N_SQL] = {
	[PACE] = "SELECT began, told, due FROM notice_pace WHERE room = ?",
	[SET_PACE] = "INSERT INTO notice_pace (room, began, told, due)"
		     " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (room) DO UPDATE"
		     " SET began = ?2, told = ?3, due = ?4",
	/* One far ahead is of before the machine was restarted. */
	[DUE] = "SELECT room FROM notice_pace"
		" WHERE due <= ?1 OR due > ?2 LIMIT ?3",
	[WAITING] = "SELECT count(*) FROM coalesced WHERE chatter = ?",
	[WITHHOLD] = "INSERT INTO coalesced (chatter, again, room, notice)"
		     " VALUES (?, ?, ?, ?)",
	[FORGET_CHATTER] = "DELETE FROM coalesced WHERE chatter = ?",
	[WHO] = "SELECT chatter FROM coalesced WHERE " GROUP
		" ORDER BY again, chatter LIMIT ?",
	[HOW_MANY] = "SELECT count(*) FROM coalesced WHERE " GROUP,
	[CAME_AND_WENT] = "SELECT 1 FROM coalesced"
			  " WHERE room = ? AND notice > ? AND again = 1"
			  " LIMIT 1",
	[FORGET_ROOM] = "DELETE FROM coalesced WHERE room = ?",
};
const struct sql notices_sql = { SQL_NOTICES, sql, N_SQL };

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

/* Some are named, and more may be meant. */
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

/* The chatters as JSON into LIST, and as people say it into CONTENT. */
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

/* How fast notices came to a room of late. */
struct pace {
	int64_t began; /* lease ms of the first of a second */
	int64_t told; /* since then */
	int64_t due; /* when what is withheld is told; 0: nothing is */
};

static enum db_rc
read_pace(struct db *db, struct room_id room, int64_t now, struct pace *pace)
{
	struct stmt *s = stmt_begin(db, &notices_sql, PACE, ARGS(INT(room.n)));
	enum db_rc rc = stmt_next(s);

	*pace = (struct pace){ 0 };
	if (rc == DB_OK) {
		pace->began = stmt_int(s, COL_BEGAN);
		pace->told = stmt_int(s, COL_TOLD);
		pace->due = stmt_int(s, COL_DUE);
	}
	stmt_end(s);
	if (now < pace->began || now - pace->began >= NOTICES_BURST_MS) {
		pace->began = now;
		pace->told = 0;
	}
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
set_pace(struct db *db, struct room_id room, const struct pace *pace)
{
	return stmt_run(db, &notices_sql, SET_PACE,
	    ARGS(INT(room.n), INT(pace->began), INT(pace->told),
		INT_OR_NULL(pace->due)));
}

/* A third change takes the first two back: they have told nothing. */
static enum db_rc
withhold(struct db *db, const struct room *room, enum notice notice,
    struct chatter_id id)
{
	int64_t before;
	enum db_rc rc =
	    stmt_one(db, &notices_sql, WAITING, ARGS(INT(id.n)), &before);

	if (rc == DB_OK && before == 2) {
		rc =
		    stmt_run(db, &notices_sql, FORGET_CHATTER, ARGS(INT(id.n)));
		before = 0;
	}
	if (rc == DB_OK)
		rc = stmt_run(db, &notices_sql, WITHHOLD,
		    ARGS(INT(id.n), INT(before), INT(room->id.n),
			INT((int64_t)notice)));
	return rc;
}

/* Of what is withheld: those who did NOTICE, as their first change or again. */
struct group {
	enum notice notice;
	int again[2]; /* from, to */
};

static enum db_rc
read_group(struct db *db, struct room_id room, const struct group *g,
    struct crowd *who)
{
	enum db_rc rc = stmt_one(db, &notices_sql, HOW_MANY,
	    ARGS(INT(room.n), INT((int64_t)g->notice), INT(g->again[0]),
		INT(g->again[1])),
	    &who->count);
	struct stmt *s;

	who->named = 0;
	if (rc != DB_OK || who->count == 0)
		return rc;
	s = stmt_begin(db, &notices_sql, WHO,
	    ARGS(INT(room.n), INT((int64_t)g->notice), INT(g->again[0]),
		INT(g->again[1]), INT(NOTICES_NAMED_MAX)));
	while ((rc = stmt_next(s)) == DB_OK)
		who->ids[who->named++].n = stmt_int(s, 0);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
tell_group(struct db *db, const struct room *room, const struct group *g,
    struct pace *pace)
{
	struct crowd who;
	enum db_rc rc;

	/* The room may have changed its mind meanwhile. */
	if (!wanted(room, g->notice))
		return DB_OK;
	rc = read_group(db, room->id, g, &who);
	if (rc != DB_OK || who.count == 0)
		return rc;
	pace->told++;
	return tell(db, room, g->notice, &who);
}

/*
 * One of each kind.  Joins come last, behind the leaves that they follow;
 * only where somebody came and then went, the first joins come first.
 */
static enum db_rc
tell_room(struct db *db, struct room_id id)
{
	struct pace pace = { .began = clock_lease() };
	struct group joins = { NOTICE_JOINED, { 0, 1 } };
	struct group first = { NOTICE_JOINED, { 0, 0 } };
	struct room room;
	int64_t one;
	enum db_rc rc = rooms_get(db, id, &room);

	if (rc == DB_OK)
		rc = stmt_one(db, &notices_sql, CAME_AND_WENT,
		    ARGS(INT(id.n), INT(NOTICE_JOINED)), &one);
	if (rc == DB_OK) {
		joins.again[0] = 1;
		rc = tell_group(db, &room, &first, &pace);
	} else if (rc == DB_NONE)
		rc = DB_OK;
	for (int i = NOTICE_JOINED + 1; rc == DB_OK && i < N_NOTICES; i++)
		rc = tell_group(db, &room,
		    &(struct group){ (enum notice)i, { 0, 1 } }, &pace);
	if (rc == DB_OK)
		rc = tell_group(db, &room, &joins, &pace);
	if (rc == DB_OK)
		rc = stmt_run(db, &notices_sql, FORGET_ROOM, ARGS(INT(id.n)));
	return rc == DB_OK ? set_pace(db, id, &pace) : rc;
}

enum db_rc
notices_tell(struct db *db, const struct room *room, enum notice notice,
    const struct chatter_id *ids, size_t n)
{
	struct crowd who = { .count = (int64_t)n };
	int64_t now = clock_lease();
	struct pace pace;
	enum db_rc rc;

	must(n > 0);
	if (!wanted(room, notice))
		return DB_OK;
	rc = read_pace(db, room->id, now, &pace);
	/* Nobody is there to hear it later. */
	if (rc == DB_OK && notice == NOTICE_ROOM_CLOSED) {
		rc = pace.due != 0 ? tell_room(db, room->id) : DB_OK;
		pace = (struct pace){ .began = now };
	}
	if (rc == DB_OK && pace.due == 0) {
		if (pace.told < NOTICES_BURST)
			pace.told++;
		else
			pace.due = now + NOTICES_BURST_MS;
		rc = set_pace(db, room->id, &pace);
	}
	if (rc == DB_OK && pace.due != 0) {
		for (size_t i = 0; rc == DB_OK && i < n; i++)
			rc = withhold(db, room, notice, ids[i]);
		return rc;
	}
	for (; who.named < n && who.named < NOTICES_NAMED_MAX; who.named++)
		who.ids[who.named] = ids[who.named];
	return rc == DB_OK ? tell(db, room, notice, &who) : rc;
}

/* At most LIMIT rooms for which it is time, into ROOMS. */
static enum db_rc
find_due(struct db *db, int limit, struct room_id *rooms, int *n)
{
	int64_t now = clock_lease();
	struct stmt *s = stmt_begin(db, &notices_sql, DUE,
	    ARGS(INT(now), INT(now + NOTICES_BURST_MS), INT(limit)));
	enum db_rc rc;

	*n = 0;
	while ((rc = stmt_next(s)) == DB_OK)
		rooms[(*n)++].n = stmt_int(s, 0);
	stmt_end(s);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
notices_tell_withheld(struct db *db, int limit)
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
