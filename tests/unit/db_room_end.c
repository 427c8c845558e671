/* How a room ends: it expires, is closed, deleted and purged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "db/chat/schema.h"
#include "db/base/buf.h"
#include "db/engine/sqlite/check.h"
#include "db/chat/room_end.h"
#include "db/rows/bans.h"
#include "db/rows/chatters.h"
#include "db/rows/listeners.h"
#include "db/chat/say.h"
#include "db/chat/my_rooms.h"
#include "db/chat/arrivals.h"
#include "db/rows/rooms.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/raw.h"
#include "tests/lib/write.h"

static enum db_rc
drop(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return room_end_delete(db, w->room);
}

static enum db_rc
purge(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return room_end_purge(db, fake_clock_wall - w->ms, w->limit);
}

static void
no_finding(const char *finding, void *arg)
{
	(void)arg;
	fail_msg("%s", finding);
}

static void
a_deleted_room_takes_all_with_it_and_ends_every_subscription(void **state)
{
	enum { LIMIT = 100 };
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7), other;
	struct chatter kim = make_member(f, &room, "kim"), lee;
	struct message_draft m = { .type = MESSAGE_PLAIN,
		.content = "secret words" };
	struct write_args w = { .fixture = f, .room = &room, .limit = LIMIT };
	struct buf b = BUF_INIT;
	int64_t head, rows;

	other = make_room(f, "other", room.owner, 7);
	lee = make_member(f, &other, "lee");
	assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
	head = eventlog_head(f);
	assert_int_equal(db_write(f->db, drop, &w), DB_OK);
	assert_int_equal(rooms_find(f->db, "lobby", &room), DB_NONE);
	assert_int_equal(db_write(f->db, purge, &w), DB_OK);
	assert_int_equal(db_write(f->db, purge, &w), DB_NONE);
	assert_int_equal(chatters_get(f->db, kim.id, &kim), DB_NONE);
	assert_int_equal(chatters_get(f->db, lee.id, &lee), DB_OK);
	assert_int_equal(presence_count(f->db, &rows), DB_OK);
	assert_true(rows == 1);
	assert_int_equal(
	    messages_add_json(f->db, w.room->id, (struct message_id){ 1 }, &b),
	    DB_NONE);
	assert_int_equal(eventlog_count(f, 0, "secret words"), 0);
	assert_int_equal(eventlog_count(f, 0, "kim"), 0);
	assert_int_equal(eventlog_count(f, 0, "message 0 {}\n"), 1);
	assert_int_equal(eventlog_count(f, 0, "lee joined"), 1);
	assert_true(eventlog_head(f) == head + 1);
	/* The log has no hole. */
	assert_int_equal(check_run(f->dir, &schema_chat, no_finding, NULL), 0);
	assert_int_equal(
	    eventlog_count(f, head, "room -1 {\"room\":{\"id\":\"lobby\""), 1);
	assert_int_equal(eventlog_count(f, head, "},\"deleted\":true}\n"), 1);
	/* Its name is free again, for another room. */
	other = make_room(f, "lobby", make_user(f), 7);
	assert_true(other.id.n != w.room->id.n);
	buf_done(&b);
}

static enum db_rc
close_expired(struct db *db, void *arg)
{
	(void)arg;
	return room_end_close_expired(db, 2);
}

static void
a_room_is_closed_once_when_its_time_is_over(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");
	int64_t head;

	(void)make_member(f, &room, "lee");
	act_expire(f, &room, fake_clock_wall + 10);
	assert_int_equal(room_end_due(f->db), DB_NONE);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_NONE);
	fake_clock_advance(10);
	head = eventlog_head(f);
	assert_int_equal(room_end_due(f->db), DB_OK);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_OK);
	assert_int_equal(eventlog_count(f, head, "presence 0 "), 1);
	assert_int_equal(eventlog_count(f, head,
			     "\"role\":\"member\",\"reason\":\"room_closed\"}"),
	    2);
	assert_int_equal(eventlog_count(f, head, "\"count\":0}"), 1);
	assert_int_equal(
	    eventlog_count(f, head, "room -9223372036854775808 {\"room\":"), 1);
	assert_int_equal(eventlog_count(f, head, "\"expired\":true"), 1);
	assert_int_equal(eventlog_count(f, head, "deleted"), 0);
	assert_true(fixture_online(f, &room) == 0);
	assert_int_equal(chatters_get(f->db, kim.id, &kim), DB_OK);
	assert_false(kim.left);
	head = eventlog_head(f);
	assert_int_equal(room_end_due(f->db), DB_NONE);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_NONE);
	assert_true(eventlog_head(f) == head);
}

static void
a_room_that_gets_more_time_opens_again_and_closes_again(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct chatter kim = make_member(f, &room, "kim");

	act_expire(f, &room, fake_clock_wall + 10);
	fake_clock_advance(10);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_OK);
	assert_int_equal(rooms_get(f->db, room.id, &room), DB_OK);
	assert_true(room.closed);
	act_expire(f, &room, fake_clock_wall + 10);
	assert_false(room.closed);
	assert_int_equal(act_join(f, &room, kim.user, NULL, &kim), DB_OK);
	assert_int_equal(f->made, 0);
	fake_clock_advance(10);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_OK);
	assert_true(fixture_online(f, &room) == 0);
	act_expire(f, &room, 0);
	assert_false(room.closed);
	assert_int_equal(room_end_due(f->db), DB_NONE);
}

static void
many_rooms_are_closed_a_few_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct user_id owner = make_user(f);
	struct room room;
	int writes = 0;

	for (char name[] = "room-a"; name[5] < 'f'; name[5]++) {
		room = make_room(f, name, owner, 7);
		act_expire(f, &room, fake_clock_wall);
	}
	while (db_write(f->db, close_expired, NULL) == DB_OK)
		writes++;
	assert_int_equal(writes, 3);
	assert_int_equal(eventlog_count(f, 0, "room -9223372036854775808 "), 5);
}

static void
a_closed_room_is_purged_after_its_time_a_few_messages_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct room open = make_room(f, "open", room.owner, 7);
	struct chatter kim = make_member(f, &room, "kim");
	struct message_draft m = { .content = "secret words" };
	struct write_args w = { .fixture = f, .ms = 1000, .limit = 3 };
	int64_t head;

	for (int i = 0; i < 4; i++)
		assert_int_equal(act_send(f, &room, kim.user, &m, NULL), DB_OK);
	act_expire(f, &room, fake_clock_wall);
	fake_clock_advance(1001);
	/* It is closed before it is purged, however late. */
	assert_int_equal(
	    room_end_purge_due(f->db, fake_clock_wall - w.ms), DB_NONE);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_OK);
	assert_int_equal(
	    room_end_purge_due(f->db, fake_clock_wall - w.ms), DB_NONE);
	fake_clock_advance(1001);
	assert_int_equal(
	    room_end_purge_due(f->db, fake_clock_wall - w.ms), DB_OK);
	w.ms++;
	assert_int_equal(db_write(f->db, purge, &w), DB_NONE);
	w.ms--;
	head = eventlog_head(f);
	assert_int_equal(db_write(f->db, purge, &w), DB_OK);
	assert_int_equal(rooms_find(f->db, "lobby", &room), DB_NONE);
	assert_int_equal(eventlog_count(f, head, "\"deleted\":true"), 1);
	assert_true(eventlog_count(f, 0, "secret words") > 0);
	while (db_write(f->db, purge, &w) == DB_OK)
		;
	assert_int_equal(
	    room_end_purge_due(f->db, fake_clock_wall - w.ms), DB_NONE);
	assert_int_equal(rooms_find(f->db, "open", &open), DB_OK);
	assert_int_equal(eventlog_count(f, 0, "secret words"), 0);
	assert_int_equal(eventlog_count(f, 0, "\"deleted\":true"), 1);
}

enum { PORTION = 4, SAID = 10 };

static enum db_rc
ban(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return bans_make(db, w->out.room, w->out.user, 0);
}

/* Registers the listener again, which looks up what is unread. */
static enum db_rc
listen(struct db *db, void *arg)
{
	struct write_args *w = arg;
	struct entry entry = { .transport = TRANSPORT_POLL,
		.conn = "queue",
		.node = { 0 },
		.lease_ms = FIXTURE_LEASE,
		.grace_ms = 0 };
	struct listener_id id;
	enum db_rc rc = arrivals_forget_user(db, w->user);

	return rc == DB_OK ? arrivals_listen(db, w->user, &entry, &id) : rc;
}

enum { COLUMNS_MAX = 32 };

/* The names of the room's columns that hold text. */
static int
text_columns(sqlite3 *sqlite, char names[COLUMNS_MAX][40])
{
	sqlite3_stmt *s;
	int n = 0;

	assert_int_equal(
	    sqlite3_prepare_v2(sqlite, "PRAGMA table_info(room)", -1, &s, NULL),
	    SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 1);
		const char *type = (const char *)sqlite3_column_text(s, 2);

		assert_true(n < COLUMNS_MAX);
		if (strcmp(type, "INTEGER") != 0)
			(void)snprintf(
			    names[n++], sizeof(names[0]), "%s", name);
	}
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	return n;
}

static void
a_deleted_room_leaves_none_of_its_texts(void **state)
{
	struct fixture *f = *state;
	struct room room = make_room(f, "lobby", make_user(f), 7);
	struct write_args w = { .fixture = f, .room = &room };
	char names[COLUMNS_MAX][40];
	struct buf text = BUF_INIT;
	sqlite3 *sqlite = raw_open(f, SQLITE_OPEN_READWRITE);
	int n;

	n = text_columns(sqlite, names);
	assert_true(n >= 4);
	for (int i = 0; i < n; i++) {
		buf_clear(&text);
		buf_addf(&text, "UPDATE room SET %s = 'traced'", names[i]);
		assert_int_equal(
		    sqlite3_exec(sqlite, buf_str(&text), NULL, NULL, NULL),
		    SQLITE_OK);
	}
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	assert_int_equal(db_write(f->db, drop, &w), DB_OK);
	assert_int_equal(raw_rows(f, "room", "gone IS NOT NULL"), 1);
	for (int i = 0; i < n; i++) {
		buf_clear(&text);
		buf_addf(&text, "%s = 'traced'", names[i]);
		if (raw_rows(f, "room", buf_str(&text)) != 0)
			fail_msg("the room's %s is still there", names[i]);
	}
	buf_done(&text);
}

/*
 * A room with everything that can be in one: members, messages, bans, absences.
 */
static struct room
crowded(struct fixture *f, struct chatter *kim)
{
	struct room room = make_room(f, "lobby", make_user(f), 20);
	struct message_draft m = { .content = "secret words" };
	struct write_args w = { .fixture = f };
	char nickname[] = "guest a";

	*kim = make_member(f, &room, "kim");
	for (int i = 0; i < SAID; i++)
		assert_int_equal(
		    act_send(f, &room, kim->user, &m, NULL), DB_OK);
	for (; nickname[6] <= 'j'; nickname[6]++) {
		w.out = make_member(f, &room, nickname);
		assert_int_equal(db_write(f->db, ban, &w), DB_OK);
	}
	fake_clock_advance(FIXTURE_LEASE + FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	(void)make_member(f, &room, "lee");
	w.user = kim->user;
	assert_int_equal(db_write(f->db, listen, &w), DB_OK);
	return room;
}

/* Fails if anything of the deleted room of KIM is visible. */
static void
nothing_is_seen(struct fixture *f, const struct chatter *kim)
{
	struct my_rooms_place top = { .at = INT64_MAX };
	struct buf b = BUF_INIT;
	struct chatter seat;
	struct room room;
	int more;

	assert_int_equal(rooms_get(f->db, kim->room, &room), DB_NONE);
	assert_int_equal(rooms_add_json(f->db, kim->room, &b), DB_NONE);
	assert_int_equal(
	    my_rooms_add(f->db, kim->user, 9, &top, &b, &more), DB_OK);
	assert_int_equal(
	    rooms_add_list(f->db, "main", NULL, 9, &b, &more), DB_OK);
	assert_int_equal(b.len, 0);
	assert_int_equal(chatters_next_of_user(
			     f->db, kim->user, (struct chatter_id){ 0 }, &seat),
	    DB_NONE);
	assert_int_equal(raw_rows(f, "presence", "room = 1"), 0);
	assert_int_equal(raw_rows(f, "unread_watcher", "room = 1"), 0);
	assert_int_equal(raw_rows(f, "room", "name = 'lobby'"), 0);
	assert_int_equal(check_run(f->dir, &schema_chat, no_finding, NULL), 0);
	buf_done(&b);
}

/* The rows that are deleted in portions. */
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
count_rows(const struct fixture *f, int rows[N_KINDS_OF_ROWS])
{
	for (size_t i = 0; i < N_KINDS_OF_ROWS; i++)
		rows[i] = raw_rows(f, kinds[i].table, kinds[i].where);
}

static void
nothing_of_a_deleted_room_is_seen_while_it_is_taken_away(void **state)
{
	struct fixture *f = *state;
	struct chatter kim;
	struct room room = crowded(f, &kim);
	struct write_args w = { .fixture = f, .room = &room, .limit = PORTION };
	int before[N_KINDS_OF_ROWS], now[N_KINDS_OF_ROWS];

	assert_true(raw_rows(f, "unread_watcher", "room = 1") == 1);
	assert_true(raw_rows(f, "coalesced", "room = 1") > 0);
	assert_true(raw_rows(f, "presence", "room = 1") == 1);
	assert_true(raw_holds(f, "secret words"));
	w.user = kim.user;
	assert_int_equal(db_write(f->db, drop, &w), DB_OK);
	nothing_is_seen(f, &kim);
	assert_int_equal(db_write(f->db, drop, &w), DB_NONE);
	/* A new listener does not wait for what is in it. */
	assert_int_equal(db_write(f->db, listen, &w), DB_OK);
	count_rows(f, before);
	for (size_t i = 0; i < N_KINDS_OF_ROWS; i++)
		assert_true(before[i] > PORTION);
	while (db_write(f->db, purge, &w) == DB_OK) {
		nothing_is_seen(f, &kim);
		count_rows(f, now);
		for (size_t i = 0; i < N_KINDS_OF_ROWS; i++)
			assert_true(before[i] - now[i] <= PORTION);
		memcpy(before, now, sizeof(before));
	}
	/*
	 * The event of its deletion stays for those who have not received it
	 * yet.
	 */
	assert_int_equal(before[0], 1);
	assert_int_equal(eventlog_count(f, 0, "},\"deleted\":true}\n"), 1);
	for (size_t i = 1; i < N_KINDS_OF_ROWS; i++)
		assert_int_equal(before[i], 0);
	assert_int_equal(raw_rows(f, "coalesced", "room = 1"), 0);
	assert_int_equal(raw_rows(f, "notice_pace", "room = 1"), 0);
	assert_int_equal(raw_rows(f, "room", "id = 1"), 0);
	assert_int_equal(raw_rows(f, "absence", "1"), 0);
	assert_int_equal(raw_holds(f, "secret words"), 0);
}

static void
a_room_of_the_name_of_a_deleted_one_is_another(void **state)
{
	struct fixture *f = *state;
	struct chatter kim, lee;
	struct room room = crowded(f, &kim), other;
	struct write_args w = { .fixture = f, .room = &room, .limit = PORTION };
	struct message_draft m = { .content = "other words" };
	struct buf b = BUF_INIT;
	struct chatter none;
	int more;
	struct page page = { .from = PAGE_NEWEST, .limit = 9 };

	assert_int_equal(db_write(f->db, drop, &w), DB_OK);
	other = make_room(f, "lobby", room.owner, 7);
	assert_int_equal(
	    messages_add_page(f->db, other.id, &page, &b, &more), DB_OK);
	assert_int_equal(b.len, 0);
	assert_int_equal(
	    chatters_of_user(f->db, other.id, kim.user, &none), DB_NONE);
	assert_int_equal(act_send(f, &other, kim.user, &m, NULL), DB_CONFLICT);
	lee = make_member(f, &other, "lee");
	assert_int_equal(act_send(f, &other, lee.user, &m, NULL), DB_OK);
	assert_int_equal(act_join(f, &other, kim.user, "kim", &kim), DB_OK);
	assert_int_equal(f->made, 1);
	while (db_write(f->db, purge, &w) == DB_OK)
		;
	assert_int_equal(rooms_find(f->db, "lobby", &room), DB_OK);
	assert_true(room.id.n == other.id.n && fixture_online(f, &other) == 2);
	assert_true(eventlog_count(f, 0, "other words") > 0);
	assert_int_equal(
	    messages_add_page(f->db, other.id, &page, &b, &more), DB_OK);
	assert_non_null(strstr(buf_str(&b), "other words"));
	assert_int_equal(check_run(f->dir, &schema_chat, no_finding, NULL), 0);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_room_is_closed_once_when_its_time_is_over),
		FIXTURE_TEST(
		    a_room_that_gets_more_time_opens_again_and_closes_again),
		FIXTURE_TEST(many_rooms_are_closed_a_few_at_a_time),
		FIXTURE_TEST(
		    a_closed_room_is_purged_after_its_time_a_few_messages_at_a_time),
		FIXTURE_TEST(
		    nothing_of_a_deleted_room_is_seen_while_it_is_taken_away),
		FIXTURE_TEST(a_room_of_the_name_of_a_deleted_one_is_another),
		FIXTURE_TEST(
		    a_deleted_room_takes_all_with_it_and_ends_every_subscription),
		FIXTURE_TEST(a_deleted_room_leaves_none_of_its_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
