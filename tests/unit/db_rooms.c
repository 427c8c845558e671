/* Rooms: made, found, listed, changed, taken away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "db/rows/bans.h"
#include "db/engine/sqlite/check.h"
#include "db/rows/listeners.h"
#include "db/rows/unread.h"
#include "db/rows/my_rooms.h"
#include "tests/unit/place.h"

static enum db_rc
change(struct db *db, void *arg)
{
	struct deed *d = arg;

	return rooms_change(db, d->room, &d->draft);
}

static enum db_rc
drop(struct db *db, void *arg)
{
	struct deed *d = arg;

	return rooms_delete(db, d->room);
}

static enum db_rc
purge(struct db *db, void *arg)
{
	struct deed *d = arg;

	return rooms_purge(db, place_wall - d->ms, d->limit);
}

static struct deed
unchanged(struct place *p, const struct room *room)
{
	return (
	    struct deed){ .place = p, .room = room, .draft = room_as_it_is };
}

static void
expire(struct place *p, struct room *room, int64_t at)
{
	struct deed d = unchanged(p, room);

	d.draft.expires = at;
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	assert_int_equal(rooms_get(p->db, room->id, room), DB_OK);
}

static void
a_room_is_found_by_its_name(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7), found;

	assert_int_equal(rooms_find(p->db, "lobby", &found), DB_OK);
	assert_true(found.id.n == room.id.n);
	assert_true(found.owner.n == room.owner.n);
	assert_true(found.capacity == 7 && found.grace == PLACE_GRACE);
	assert_true(found.expires == 0 && found.online == 0);
	assert_string_equal(found.name.s, "lobby");
	assert_int_equal(rooms_find(p->db, "other", &found), DB_NONE);
	assert_int_equal(rooms_find(p->db, "", &found), DB_NONE);
}

static void
a_name_is_taken_once(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct deed d = { .place = p };

	d.draft = (struct room_draft){ .name = room.name,
		.namespace = "other",
		.owner = room.owner,
		.title = "Another",
		.capacity = 1 };
	assert_int_equal(db_write(p->db, deed_room, &d), DB_CONFLICT);
}

static void
s1_10_a_room_has_one_json_form(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct deed d = unchanged(p, &room);
	struct buf json = BUF_INIT;

	assert_int_equal(rooms_add_json(p->db, room.id, &json), DB_OK);
	assert_string_equal(buf_str(&json),
	    "{\"id\":\"lobby\",\"namespace\":\"main\",\"title\":\"lobby\","
	    "\"capacity\":7,\"online\":0,"
	    "\"created_at\":\"2026-11-20T09:30:00.123Z\",\"expires_at\":null,"
	    "\"expired\":false,\"listed\":true,\"has_password\":false,"
	    "\"grace_ms\":5000,\"notices\":\"all\",\"slow_ms\":0}");
	d.draft.title = "\"Ops\"\n\xea\xb9\x80";
	d.draft.expires = place_wall + 1000;
	d.draft.listed = ROOM_UNLISTED;
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	buf_clear(&json);
	assert_int_equal(rooms_add_json(p->db, room.id, &json), DB_OK);
	assert_non_null(strstr(buf_str(&json),
	    "\"title\":\"\\\"Ops\\\"\\n\xea\xb9\x80\",\"capacity\":7,"));
	assert_non_null(strstr(buf_str(&json),
	    "\"expires_at\":\"2026-11-20T09:30:01.123Z\","
	    "\"expired\":false,\"listed\":false,"));
	buf_clear(&json);
	room.id.n += 100;
	assert_int_equal(rooms_add_json(p->db, room.id, &json), DB_NONE);
	buf_done(&json);
}

static void
a_change_touches_what_it_names_and_is_told(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7), now;
	struct deed d = unchanged(p, &room);
	int64_t head = place_head(p);

	d.draft.grace = 0;
	d.draft.expires = place_wall + 10;
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	assert_int_equal(rooms_get(p->db, room.id, &now), DB_OK);
	assert_true(now.grace == 0 && now.capacity == 7);
	assert_true(now.expires == place_wall + 10);
	assert_int_equal(place_told(p, head, "room 0 {\"room\":{\"id\":"), 1);
	d.draft.expires = 0;
	d.draft.capacity = 9;
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	assert_int_equal(rooms_get(p->db, room.id, &now), DB_OK);
	assert_true(now.expires == 0 && now.capacity == 9);
}

static void
a_room_expires_at_its_time(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);

	assert_false(room_expired(&room));
	expire(p, &room, place_wall + 10);
	assert_false(room_expired(&room));
	place_wait(10);
	assert_true(room_expired(&room));
}

static void
s1_2_a_list_is_of_one_namespace_and_pages_in_the_order_of_making(void **state)
{
	struct place *p = *state;
	struct user_id owner = place_user(p);
	struct room first = place_room(p, "room-c", owner, 1), expired, hidden;
	struct deed d = { .place = p };
	struct buf b = BUF_INIT;
	int more;

	expired = place_room(p, "room-x", owner, 1);
	expire(p, &expired, place_wall);
	(void)place_room(p, "room-b", owner, 1);
	hidden = place_room(p, "room-h", owner, 1);
	d = unchanged(p, &hidden);
	d.draft.listed = ROOM_UNLISTED;
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	(void)place_room(p, "room-a", owner, 1);

	assert_int_equal(
	    rooms_add_list(p->db, "main", NULL, 2, &b, &more), DB_OK);
	assert_int_equal(more, 1);
	assert_non_null(strstr(buf_str(&b), "room-c"));
	assert_non_null(strstr(buf_str(&b), "},{\"id\":\"room-b\""));
	assert_null(strstr(buf_str(&b), "room-a"));
	buf_clear(&b);
	assert_int_equal(
	    rooms_add_list(p->db, "main", "room-b", 2, &b, &more), DB_OK);
	assert_int_equal(more, 0);
	assert_memory_equal(buf_str(&b), "{\"id\":\"room-a\"", 14);
	assert_null(strstr(buf_str(&b), "},{"));
	buf_clear(&b);
	assert_int_equal(
	    rooms_add_list(p->db, "other", NULL, 2, &b, &more), DB_OK);
	assert_int_equal(b.len, 0);
	assert_int_equal(more, 0);
	assert_true(first.id.n > 0);
	buf_done(&b);
}

static void
a_deleted_room_takes_all_with_it_and_ends_every_subscription(void **state)
{
	enum { LIMIT = 100 };
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7), other;
	struct chatter kim = place_newcomer(p, &room, "kim"), lee;
	struct message_draft m = { .type = MESSAGE_PLAIN,
		.content = "secret words" };
	struct deed d = { .place = p, .room = &room, .limit = LIMIT };
	struct buf b = BUF_INIT;
	int64_t head, rows;

	other = place_room(p, "other", room.owner, 7);
	lee = place_newcomer(p, &other, "lee");
	assert_int_equal(place_send(p, &room, kim.user, &m, NULL), DB_OK);
	head = place_head(p);
	assert_int_equal(db_write(p->db, drop, &d), DB_OK);
	assert_int_equal(rooms_find(p->db, "lobby", &room), DB_NONE);
	assert_int_equal(db_write(p->db, purge, &d), DB_OK);
	assert_int_equal(db_write(p->db, purge, &d), DB_NONE);
	assert_int_equal(chatters_get(p->db, kim.id, &kim), DB_NONE);
	assert_int_equal(chatters_get(p->db, lee.id, &lee), DB_OK);
	assert_int_equal(presence_count(p->db, &rows), DB_OK);
	assert_true(rows == 1);
	assert_int_equal(
	    messages_add_json(p->db, d.room->id, (struct message_id){ 1 }, &b),
	    DB_NONE);
	assert_int_equal(place_told(p, 0, "secret words"), 0);
	assert_int_equal(place_told(p, 0, "kim"), 0);
	assert_int_equal(place_told(p, 0, "message 0 {}\n"), 1);
	assert_int_equal(place_told(p, 0, "lee joined"), 1);
	assert_true(place_head(p) == head + 1);
	assert_int_equal(
	    place_told(p, head, "room -1 {\"room\":{\"id\":\"lobby\""), 1);
	assert_int_equal(place_told(p, head, "},\"deleted\":true}\n"), 1);
	/* Its name is free again, for another room. */
	other = place_room(p, "lobby", place_user(p), 7);
	assert_true(other.id.n != d.room->id.n);
	buf_done(&b);
}

static enum db_rc
close_expired(struct db *db, void *arg)
{
	(void)arg;
	return rooms_close_expired(db, 2);
}

static void
a_room_is_closed_once_when_its_time_is_over(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	int64_t head;

	(void)place_newcomer(p, &room, "lee");
	expire(p, &room, place_wall + 10);
	assert_int_equal(rooms_due(p->db), DB_NONE);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_NONE);
	place_wait(10);
	head = place_head(p);
	assert_int_equal(rooms_due(p->db), DB_OK);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_OK);
	assert_int_equal(place_told(p, head, "presence 0 "), 1);
	assert_int_equal(place_told(p, head,
			     "\"role\":\"member\",\"reason\":\"room_closed\"}"),
	    2);
	assert_int_equal(place_told(p, head, "\"count\":0}"), 1);
	assert_int_equal(
	    place_told(p, head, "room -9223372036854775808 {\"room\":"), 1);
	assert_int_equal(place_told(p, head, "\"expired\":true"), 1);
	assert_int_equal(place_told(p, head, "deleted"), 0);
	assert_true(place_online(p, &room) == 0);
	assert_int_equal(chatters_get(p->db, kim.id, &kim), DB_OK);
	assert_false(kim.left);
	head = place_head(p);
	assert_int_equal(rooms_due(p->db), DB_NONE);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_NONE);
	assert_true(place_head(p) == head);
}

static void
a_room_that_gets_more_time_opens_again_and_closes_again(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct chatter kim = place_newcomer(p, &room, "kim");

	expire(p, &room, place_wall + 10);
	place_wait(10);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_OK);
	assert_int_equal(rooms_get(p->db, room.id, &room), DB_OK);
	assert_true(room.closed);
	expire(p, &room, place_wall + 10);
	assert_false(room.closed);
	assert_int_equal(place_join(p, &room, kim.user, NULL, &kim), DB_OK);
	assert_int_equal(p->made, 0);
	place_wait(10);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_OK);
	assert_true(place_online(p, &room) == 0);
	expire(p, &room, 0);
	assert_false(room.closed);
	assert_int_equal(rooms_due(p->db), DB_NONE);
}

static void
many_rooms_are_closed_a_few_at_a_time(void **state)
{
	struct place *p = *state;
	struct user_id owner = place_user(p);
	struct room room;
	int writes = 0;

	for (char name[] = "room-a"; name[5] < 'f'; name[5]++) {
		room = place_room(p, name, owner, 7);
		expire(p, &room, place_wall);
	}
	while (db_write(p->db, close_expired, NULL) == DB_OK)
		writes++;
	assert_int_equal(writes, 3);
	assert_int_equal(place_told(p, 0, "room -9223372036854775808 "), 5);
}

static void
a_closed_room_is_purged_after_its_time_a_few_messages_at_a_time(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct room open = place_room(p, "open", room.owner, 7);
	struct chatter kim = place_newcomer(p, &room, "kim");
	struct message_draft m = { .content = "secret words" };
	struct deed d = { .place = p, .ms = 1000, .limit = 3 };
	int64_t head;

	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    place_send(p, &room, kim.user, &m, NULL), DB_OK);
	expire(p, &room, place_wall);
	place_wait(1001);
	/* First it is closed, however late. */
	assert_int_equal(rooms_purge_due(p->db, place_wall - d.ms), DB_NONE);
	assert_int_equal(db_write(p->db, close_expired, NULL), DB_OK);
	assert_int_equal(rooms_purge_due(p->db, place_wall - d.ms), DB_NONE);
	place_wait(1001);
	assert_int_equal(rooms_purge_due(p->db, place_wall - d.ms), DB_OK);
	d.ms++;
	assert_int_equal(db_write(p->db, purge, &d), DB_NONE);
	d.ms--;
	head = place_head(p);
	assert_int_equal(db_write(p->db, purge, &d), DB_OK);
	assert_int_equal(rooms_find(p->db, "lobby", &room), DB_NONE);
	assert_int_equal(place_told(p, head, "\"deleted\":true"), 1);
	assert_true(place_told(p, 0, "secret words") > 0);
	while (db_write(p->db, purge, &d) == DB_OK)
		;
	assert_int_equal(rooms_purge_due(p->db, place_wall - d.ms), DB_NONE);
	assert_int_equal(rooms_find(p->db, "open", &open), DB_OK);
	assert_int_equal(place_told(p, 0, "secret words"), 0);
	assert_int_equal(place_told(p, 0, "\"deleted\":true"), 1);
}

enum { PORTION = 4, SAID = 10 };

static enum db_rc
ban(struct db *db, void *arg)
{
	struct deed *d = arg;

	return bans_make(db, &d->out, 0);
}

/* Anew: it is looked for what is to be awaited. */
static enum db_rc
listen(struct db *db, void *arg)
{
	struct deed *d = arg;
	struct entry entry = { .transport = TRANSPORT_POLL,
		.conn = "queue",
		.node = { 0 },
		.lease_ms = PLACE_LEASE,
		.grace_ms = 0 };
	struct listener_id id;
	enum db_rc rc = listeners_forget(db, d->user);

	return rc == DB_OK ? listeners_enter(db, d->user, &entry, &id) : rc;
}

static void
no_finding(const char *finding, void *arg)
{
	(void)arg;
	fail_msg("%s", finding);
}

/* The rows of TABLE that WHERE is true of. */
static int
rows_of(const struct place *p, const char *table, const char *where)
{
	struct buf text = BUF_INIT;
	sqlite3 *sqlite;
	sqlite3_stmt *s;
	int n;

	buf_addf(&text, "%s/parlor.db", p->dir);
	assert_int_equal(sqlite3_open_v2(buf_str(&text), &sqlite,
			     SQLITE_OPEN_READONLY, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_db_config(
			     sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL),
	    SQLITE_OK);
	buf_clear(&text);
	buf_addf(&text, "SELECT count(*) FROM %s WHERE %s", table, where);
	assert_int_equal(
	    sqlite3_prepare_v2(sqlite, buf_str(&text), -1, &s, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int(s, 0);
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&text);
	return n;
}

/* Whether a file of the store holds TEXT. */
static int
holds(const struct place *p, const char *text)
{
	static const char *const files[] = { "parlor.db", "parlor.db-wal" };
	struct buf path = BUF_INIT, bytes = BUF_INIT;
	int found = 0;
	size_t n;
	FILE *f;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		buf_clear(&path);
		buf_clear(&bytes);
		buf_addf(&path, "%s/%s", p->dir, files[i]);
		f = fopen(buf_str(&path), "re");
		assert_non_null(f);
		while ((n = fread(buf_space(&bytes, BUFSIZ), 1, BUFSIZ, f)) > 0)
			bytes.len += n;
		assert_int_equal(fclose(f), 0);
		found |= bytes.len > 0 &&
		    memmem(bytes.p, bytes.len, text, strlen(text)) != NULL;
	}
	buf_done(&path);
	buf_done(&bytes);
	return found;
}

/* A room with what can be in one: people, words, a ban, who is away. */
static struct room
crowded(struct place *p, struct chatter *kim)
{
	struct room room = place_room(p, "lobby", place_user(p), 20);
	struct message_draft m = { .content = "secret words" };
	struct deed d = { .place = p };
	char nickname[] = "guest a";

	*kim = place_newcomer(p, &room, "kim");
	for (int i = 0; i < SAID; i++)
		assert_int_equal(
		    place_send(p, &room, kim->user, &m, NULL), DB_OK);
	for (; nickname[6] <= 'j'; nickname[6]++) {
		d.out = place_newcomer(p, &room, nickname);
		assert_int_equal(db_write(p->db, ban, &d), DB_OK);
	}
	place_wait(PLACE_LEASE + PLACE_GRACE);
	assert_int_equal(place_reap(p), DB_OK);
	(void)place_newcomer(p, &room, "lee");
	d.user = kim->user;
	assert_int_equal(db_write(p->db, listen, &d), DB_OK);
	return room;
}

/* Whether anything of the rooms of KIM, who has none any more, is seen. */
static void
nothing_is_seen(struct place *p, const struct chatter *kim)
{
	struct my_rooms_place top = { .at = INT64_MAX };
	struct buf b = BUF_INIT;
	struct chatter seat;
	struct room room;
	int more;

	assert_int_equal(rooms_get(p->db, kim->room, &room), DB_NONE);
	assert_int_equal(rooms_add_json(p->db, kim->room, &b), DB_NONE);
	assert_int_equal(
	    my_rooms_add(p->db, kim->user, 9, &top, &b, &more), DB_OK);
	assert_int_equal(
	    rooms_add_list(p->db, "main", NULL, 9, &b, &more), DB_OK);
	assert_int_equal(b.len, 0);
	assert_int_equal(chatters_next_of_user(
			     p->db, kim->user, (struct chatter_id){ 0 }, &seat),
	    DB_NONE);
	assert_int_equal(rows_of(p, "presence", "room = 1"), 0);
	assert_int_equal(rows_of(p, "unread_watcher", "room = 1"), 0);
	assert_int_equal(rows_of(p, "room", "name = 'lobby'"), 0);
	assert_int_equal(check_run(p->dir, no_finding, NULL), 0);
	buf_done(&b);
}

/* What is taken away in portions. */
static const struct {
	const char *table, *where;
} kinds[] = {
	{ "event", "target = 1 AND scope = 0 AND data <> '{}'" },
	{ "message", "room = 1" },
	{ "ban", "room = 1" },
	{ "chatter", "room = 1" },
};
enum { N_KINDS_OF_ROWS = sizeof(kinds) / sizeof(kinds[0]) };

static void
count_rows(const struct place *p, int rows[N_KINDS_OF_ROWS])
{
	for (size_t i = 0; i < N_KINDS_OF_ROWS; i++)
		rows[i] = rows_of(p, kinds[i].table, kinds[i].where);
}

static void
nothing_of_a_deleted_room_is_seen_while_it_is_taken_away(void **state)
{
	struct place *p = *state;
	struct chatter kim;
	struct room room = crowded(p, &kim);
	struct deed d = { .place = p, .room = &room, .limit = PORTION };
	int before[N_KINDS_OF_ROWS], now[N_KINDS_OF_ROWS];

	assert_true(rows_of(p, "unread_watcher", "room = 1") == 1);
	assert_true(rows_of(p, "coalesced", "room = 1") > 0);
	assert_true(rows_of(p, "presence", "room = 1") == 1);
	assert_true(holds(p, "secret words"));
	d.user = kim.user;
	assert_int_equal(db_write(p->db, drop, &d), DB_OK);
	nothing_is_seen(p, &kim);
	assert_int_equal(db_write(p->db, drop, &d), DB_NONE);
	/* Who comes to listen does not await what is in it. */
	assert_int_equal(db_write(p->db, listen, &d), DB_OK);
	count_rows(p, before);
	for (size_t i = 0; i < N_KINDS_OF_ROWS; i++)
		assert_true(before[i] > PORTION);
	while (db_write(p->db, purge, &d) == DB_OK) {
		nothing_is_seen(p, &kim);
		count_rows(p, now);
		for (size_t i = 0; i < N_KINDS_OF_ROWS; i++)
			assert_true(before[i] - now[i] <= PORTION);
		memcpy(before, now, sizeof(before));
	}
	/* That it is gone is told to all who have not heard it yet. */
	assert_int_equal(before[0], 1);
	assert_int_equal(place_told(p, 0, "},\"deleted\":true}\n"), 1);
	for (size_t i = 1; i < N_KINDS_OF_ROWS; i++)
		assert_int_equal(before[i], 0);
	assert_int_equal(rows_of(p, "coalesced", "room = 1"), 0);
	assert_int_equal(rows_of(p, "notice_pace", "room = 1"), 0);
	assert_int_equal(rows_of(p, "room", "id = 1"), 0);
	assert_int_equal(rows_of(p, "absence", "1"), 0);
	assert_int_equal(holds(p, "secret words"), 0);
}

static void
a_room_of_the_name_of_a_deleted_one_is_another(void **state)
{
	struct place *p = *state;
	struct chatter kim, lee;
	struct room room = crowded(p, &kim), other;
	struct deed d = { .place = p, .room = &room, .limit = PORTION };
	struct message_draft m = { .content = "other words" };
	struct buf b = BUF_INIT;
	struct chatter none;
	int more;
	struct page page = { .from = PAGE_NEWEST, .limit = 9 };

	assert_int_equal(db_write(p->db, drop, &d), DB_OK);
	other = place_room(p, "lobby", room.owner, 7);
	assert_int_equal(
	    messages_add_page(p->db, other.id, &page, &b, &more), DB_OK);
	assert_int_equal(b.len, 0);
	assert_int_equal(
	    chatters_of_user(p->db, other.id, kim.user, &none), DB_NONE);
	assert_int_equal(
	    place_send(p, &other, kim.user, &m, NULL), DB_CONFLICT);
	lee = place_newcomer(p, &other, "lee");
	assert_int_equal(place_send(p, &other, lee.user, &m, NULL), DB_OK);
	assert_int_equal(place_join(p, &other, kim.user, "kim", &kim), DB_OK);
	assert_int_equal(p->made, 1);
	while (db_write(p->db, purge, &d) == DB_OK)
		;
	assert_int_equal(rooms_find(p->db, "lobby", &room), DB_OK);
	assert_true(room.id.n == other.id.n && place_online(p, &other) == 2);
	assert_true(place_told(p, 0, "other words") > 0);
	assert_int_equal(
	    messages_add_page(p->db, other.id, &page, &b, &more), DB_OK);
	assert_non_null(strstr(buf_str(&b), "other words"));
	assert_int_equal(check_run(p->dir, no_finding, NULL), 0);
	buf_done(&b);
}

static void
a_password_stays_until_it_is_taken_away(void **state)
{
	struct place *p = *state;
	struct room room = place_room(p, "lobby", place_user(p), 7);
	struct deed d = unchanged(p, &room);
	struct buf hash = BUF_INIT;

	assert_false(room.has_password);
	d.draft.password = "hash";
	d.draft.notices = NOTICES_QUIET;
	d.draft.slow = 1500;
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	d = unchanged(p, &room);
	d.draft.title = "Another";
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	assert_int_equal(rooms_get(p->db, room.id, &room), DB_OK);
	assert_true(room.has_password && room.slow == 1500);
	assert_int_equal(room.notices, NOTICES_QUIET);
	assert_int_equal(rooms_add_password(p->db, room.id, &hash), DB_OK);
	assert_string_equal(buf_str(&hash), "hash");
	assert_int_equal(place_told(p, 0, "\"hash\""), 0);
	d.draft.password = "";
	assert_int_equal(db_write(p->db, change, &d), DB_OK);
	assert_int_equal(rooms_get(p->db, room.id, &room), DB_OK);
	assert_false(room.has_password);
	buf_done(&hash);
}

int
main(void)
{
#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)
	const struct CMUnitTest tests[] = {
		WITH_STORE(a_room_is_found_by_its_name),
		WITH_STORE(a_name_is_taken_once),
		WITH_STORE(s1_10_a_room_has_one_json_form),
		WITH_STORE(a_change_touches_what_it_names_and_is_told),
		WITH_STORE(a_room_expires_at_its_time),
		WITH_STORE(a_room_is_closed_once_when_its_time_is_over),
		WITH_STORE(
		    a_room_that_gets_more_time_opens_again_and_closes_again),
		WITH_STORE(many_rooms_are_closed_a_few_at_a_time),
		WITH_STORE(
		    a_closed_room_is_purged_after_its_time_a_few_messages_at_a_time),
		WITH_STORE(
		    nothing_of_a_deleted_room_is_seen_while_it_is_taken_away),
		WITH_STORE(a_room_of_the_name_of_a_deleted_one_is_another),
		WITH_STORE(a_password_stays_until_it_is_taken_away),
		WITH_STORE(
		    s1_2_a_list_is_of_one_namespace_and_pages_in_the_order_of_making),
		WITH_STORE(
		    a_deleted_room_takes_all_with_it_and_ends_every_subscription),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
