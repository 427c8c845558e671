/* A store of an older version, full of data, goes on as one of today. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>

#include "db/chat/schema.h"
#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/engine/migrations.h"
#include "db/engine/sqlite/check.h"
#include "db/engine/sqlite/migrate.h"
#include "db/chat/room_end.h"
#include "db/rows/chatters.h"
#include "db/rows/listeners.h"
#include "db/chat/edit.h"
#include "db/chat/say.h"
#include "db/chat/my_rooms.h"
#include "db/rows/rooms.h"
#include "db/rows/steady.h"
#include "db/chat/unread.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/tmpdir.h"
#include "tests/lib/write.h"

/* The wall time of the rows. The fixture's lease clock is of another boot. */
#define SENT "1795167000000"

enum { HOUR_MS = 3600 * 1000 };

/* A message of chatter C, as version 1 stored it, and its event. */
#define MESSAGE(room, id, c, type, content, client)                            \
	"INSERT INTO message VALUES (" room ", " id ", " c ", 0, " SENT        \
	", " client ", '{\"id\":" id ",\"type\":\"" type                       \
	"\",\"room\":\"lobby\",\"chatter\":{\"id\":\"kim0000000000000\","      \
	"\"nickname\":\"kim\"},\"content\":\"" content "\","                   \
	"\"client_id\":null,\"created_at\":\"2026-11-20T00:00:00.000Z\"}');"   \
	"INSERT INTO event (scope, target, kind, data, ends, made)"            \
	" SELECT 0, room, '" type "', '{\"message\":' || json || '}', 0, sent" \
	" FROM message WHERE room = " room " AND id = " id ";"

/*
 * User 1 owns the lobby and streams there; 2 has just joined, 3 is away, 4 has
 * left.
 */
static const char version_1[] =
    "UPDATE meta SET boot = 'another';"
    "INSERT INTO user VALUES (1, " SENT "), (2, " SENT "), (3, " SENT "),"
    " (4, " SENT ");"
    "INSERT INTO token VALUES (randomblob(32), 3, " SENT ");"
    "INSERT INTO room VALUES"
    " (1, 'lobby', 'main', 'Lobby', 9, 5000, NULL, 1, 1, " SENT ", 2, 4),"
    " (2, 'over', 'main', 'Over', 9, 5000, 1, 1, 1, " SENT ", 1, 0),"
    " (3, 'empty', 'main', 'Empty', 9, 5000, NULL, 1, 1, " SENT ", 0, 0);"
    "INSERT INTO chatter VALUES"
    " (1, 'kim0000000000000', 1, 1, 'kim', 'kim', 2, " SENT ", NULL),"
    " (2, 'lee0000000000000', 1, 2, 'lee', 'lee', 0, " SENT ", NULL),"
    " (3, 'pat0000000000000', 1, 3, 'pat', 'pat', 0, " SENT ", NULL),"
    " (4, 'sam0000000000000', 1, 4, 'sam', 'sam', 0, " SENT ", " SENT "),"
    " (5, 'kim1111111111111', 2, 1, 'kim', 'kim', 2, " SENT ", NULL);"
    "INSERT INTO node VALUES (1, 500);"
    "INSERT INTO presence VALUES (1, 1, 1, 'tab', 0, 1, NULL),"
    " (2, 1, 2, 'join', 2, NULL, 900), (3, 2, 1 + 4, 'tab', 0, 1, NULL);" MESSAGE(
	"1", "1", "1", "message", "pruned", "'a'") MESSAGE("1", "2", "1",
	"alert", "closing",
	"NULL") MESSAGE("1", "3", "1", "message", "first secret",
	"NULL") "DELETE FROM event WHERE data LIKE '%pruned%';"
		"UPDATE meta SET floor = 1;"
		"INSERT INTO event (scope, target, kind, data, ends, made)"
		" VALUES (0, 77, 'message', '{}', 0, " SENT ");"
		"INSERT INTO message VALUES (1, 4, NULL, 1, " SENT ", NULL,"
		" '{\"id\":4,\"type\":\"alert\",\"room\":\"lobby\",\"chatter\":null,"
		"\"content\":\"sam left\",\"client_id\":null,"
		"\"created_at\":\"2026-11-20T00:00:00.000Z\",\"notice\":{}}');"
		"INSERT INTO event (scope, target, kind, data, ends, made)"
		" SELECT 0, 1, 'alert', '{\"message\":' || json || '}', 0, sent"
		" FROM message WHERE room = 1 AND id = 4;";

/* Makes a store of VERSION that holds ROWS. */
static void
make_version(const char *dir, int version, const char *rows)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	buf_addf(&path, "%s/parlor.db", dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	for (int i = 0; i < version; i++)
		assert_int_equal(
		    sqlite3_exec(sqlite, migrations[i], NULL, NULL, NULL),
		    SQLITE_OK);
	if (sqlite3_exec(sqlite, rows, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(sqlite));
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	assert_int_equal(chmod(buf_str(&path), 0600), 0);
	buf_done(&path);
}

static void
run_sql(struct fixture *f, const char *sql)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	buf_addf(&path, "%s/parlor.db", f->dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	if (sqlite3_exec(sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(sqlite));
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&path);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fake_clock_install();
	tmpdir_make(f->dir);
	make_version(f->dir, 1, version_1);
	/*
	 * Version 1 allowed this nickname beside "kim"; its first letter is
	 * Cyrillic.
	 */
	run_sql(f,
	    "UPDATE chatter SET nickname = '\u041aim',"
	    " nickname_key = '\u0138im' WHERE name LIKE 'lee%'");
	f->store = tmpdir_new_store(f->dir, STORE_DIRECT);
	f->db = store_db(f->store);
	*state = f;
	return 0;
}

static void
no_finding(const char *finding, void *arg)
{
	(void)arg;
	fail_msg("%s", finding);
}

static struct room
lobby(struct fixture *f)
{
	struct room room;

	assert_int_equal(rooms_find(f->db, "lobby", &room), DB_OK);
	return room;
}

static void
say(struct fixture *f, int64_t user)
{
	struct message_draft m = { .content = "welcome to 2" };
	struct room room = lobby(f);

	assert_int_equal(
	    act_send(f, &room, (struct user_id){ user }, &m, NULL), DB_OK);
}

static void
check_unread(struct fixture *f, int64_t user, const char *words)
{
	struct my_rooms_place from = { .at = INT64_MAX };
	struct buf b = BUF_INIT;
	int more;

	assert_int_equal(
	    my_rooms_add(f->db, (struct user_id){ user }, 10, &from, &b, &more),
	    DB_OK);
	if (strstr(buf_str(&b), words) == NULL)
		fail_msg("not %s: %s", words, buf_str(&b));
	buf_done(&b);
}

static enum db_rc
close_expired(struct db *db, void *arg)
{
	(void)arg;
	return room_end_close_expired(db, 9);
}

static void
all_is_sound_and_who_was_away_counts_from_then_on(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(check_run(f->dir, &schema_chat, no_finding, NULL), 0);
	check_unread(f, 3, "\"unread\":0,\"read\":0,\"online\":false}");
	check_unread(f, 3, "\"last_message\":{\"id\":3,");
	say(f, 1);
	check_unread(f, 3, "\"unread\":1,");
	check_unread(f, 2, "\"unread\":0,\"read\":0,\"online\":true}");
	fake_clock_advance(FIXTURE_GRACE);
	assert_int_equal(act_reap(f), DB_OK);
	assert_int_equal(db_write(f->db, close_expired, NULL), DB_OK);
	say(f, 1);
	/* Messages sent within their grace period were not delivered. */
	check_unread(f, 2, "\"unread\":2,");
	check_unread(f, 3, "\"unread\":2,");
	assert_int_equal(check_run(f->dir, &schema_chat, no_finding, NULL), 0);
}

static enum db_rc
erase(struct db *db, void *arg)
{
	struct write_args *w = arg;
	struct message_change change = { .as = CHANGER_SUPERVISOR,
		.message = { w->ms } };

	return edit_delete(db, w->room, &change, &w->fixture->why);
}

static void
what_was_said_in_version_1_can_be_erased(void **state)
{
	struct fixture *f = *state;
	struct room room = lobby(f);
	struct write_args w = { .fixture = f, .room = &room };

	assert_int_equal(eventlog_count(f, 0, "first secret"), 1);
	for (w.ms = 1; w.ms <= 3; w.ms++)
		assert_int_equal(db_write(f->db, erase, &w), DB_OK);
	assert_int_equal(eventlog_count(f, 0, "first secret"), 0);
	assert_int_equal(eventlog_count(f, 0, "closing"), 0);
	assert_int_equal(eventlog_count(f, 0, "\"deleted_at\""), 5);
	assert_int_equal(check_run(f->dir, &schema_chat, no_finding, NULL), 0);
}

static void
A2_S4_7_stored_nicknames_have_their_keys_made_anew(void **state)
{
	static const char *const like[] = { "kim", "KIM", "\u041aIM",
		"\u043aim", "P\u0430T" };
	struct fixture *f = *state;
	struct room room = lobby(f);
	struct buf json = BUF_INIT;
	struct chatter c;

	/*
	 * Two present members look the same by today's rules; both keep their
	 * nicknames.
	 */
	assert_int_equal(fixture_online(f, &room), 2);
	assert_int_equal(chatters_add_online(f->db, room.id,
			     (struct chatter_id){ 0 }, 9, &json, &f->made),
	    DB_OK);
	assert_non_null(strstr(buf_str(&json), "\"\u041aim\""));
	buf_done(&json);
	for (size_t i = 0; i < sizeof(like) / sizeof(like[0]); i++) {
		if (i == 4)
			assert_int_equal(
			    act_join(f, &room, (struct user_id){ 3 }, NULL, &c),
			    DB_OK);
		assert_int_equal(
		    act_join(f, &room, make_user(f), like[i], &c), DB_CONFLICT);
		assert_int_equal(f->why, PROBLEM_NICKNAME_TAKEN);
	}
	assert_int_equal(check_run(f->dir, &schema_chat, no_finding, NULL), 0);
	/* The keys are also made again when the version of ICU changes. */
	run_sql(f,
	    "UPDATE meta SET name_keys = '1 icu 1.0';"
	    "UPDATE chatter SET nickname_key = '', folded_key = '',"
	    " capital_key = ''");
	assert_int_equal(
	    act_join(f, &room, make_user(f), "\u041aIM", &c), DB_OK);
	assert_int_equal(migrate_run(f->dir, &schema_chat), DB_OK);
	assert_int_equal(
	    act_join(f, &room, make_user(f), "kim", &c), DB_CONFLICT);
}

/* In version 7 a room was closed an hour ago, within the same boot. */
static int
setup_version_7(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct buf rows = BUF_INIT;

	fake_clock_install();
	buf_adds(&rows, "UPDATE meta SET boot = '");
	clock_add_boot_id(&rows);
	buf_adds(&rows, "'; INSERT INTO user (id, made) VALUES (1, 1);");
	buf_addf(&rows,
	    "INSERT INTO room (id, name, namespace, title, capacity, grace,"
	    " expires, listed, owner, made, closed) VALUES"
	    " (1, 'lobby', 'main', 'Lobby', 9, 5000, %lld, 1, 1, 1, 1);",
	    (long long)fake_clock_wall - HOUR_MS);
	tmpdir_make(f->dir);
	make_version(f->dir, 7, buf_str(&rows));
	buf_done(&rows);
	f->store = tmpdir_new_store(f->dir, STORE_DIRECT);
	f->db = store_db(f->store);
	*state = f;
	return 0;
}

static void
A4_steady_time_begins_at_the_wall_time_without_a_new_boot(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(steady_now(f->db), fake_clock_wall);
	fake_clock_advance(1000);
	assert_int_equal(steady_now(f->db), fake_clock_wall);
}

static void
a_room_that_was_closed_before_is_kept_for_its_time(void **state)
{
	struct fixture *f = *state;
	struct room room = lobby(f);

	assert_true(room.closed);
	assert_int_equal(
	    room_end_purge_due(f->db, steady_now(f->db) - 2 * HOUR_MS),
	    DB_NONE);
	fake_clock_advance(HOUR_MS + 1);
	assert_int_equal(
	    room_end_purge_due(f->db, steady_now(f->db) - 2 * HOUR_MS), DB_OK);
}

/*
 * In version 14 kim and a key have spoken in the lobby, before two notices; kim
 * alone in the den; nobody in the hall.
 */
static const char version_14[] =
    "INSERT INTO person (id, made) VALUES (1, 1);"
    "INSERT INTO room (id, name, namespace, title, capacity, grace, listed,"
    " owner, made, online, last_message, said) VALUES"
    " (1, 'lobby', 'main', 'Lobby', 9, 5000, 1, 1, 1, 1, 4, 2),"
    " (2, 'den', 'main', 'Den', 9, 5000, 1, 1, 1, 1, 1, 1),"
    " (3, 'hall', 'main', 'Hall', 9, 5000, 1, 1, 1, 1, 1, 0);"
    "INSERT INTO chatter (id, name, room, person, nickname, nickname_key,"
    " role, joined) SELECT id, 'kim000000000000' || id, id, 1, 'kim', 'kim', 0,"
    " 1 FROM room;"
    "INSERT INTO presence VALUES (1, 1, 1, 'a', 1, NULL, 1, 0, 0, NULL),"
    " (2, 2, 2, 'a', 1, NULL, 1, 0, 0, NULL),"
    " (3, 3, 3, 'a', 1, NULL, 1, 0, 0, NULL);"
    "INSERT INTO message (event, room, id, chatter, key, type, sent, client_id,"
    " json) VALUES (1, 1, 1, 1, NULL, 0, 1, 'a', '{\"id\":1}'),"
    " (2, 1, 2, NULL, 7, 1, 1, 'a', '{\"id\":2}'),"
    " (3, 1, 3, NULL, NULL, 1, 1, NULL, '{\"id\":3}'),"
    " (4, 2, 1, 2, NULL, 0, 1, 'b', '{\"id\":1}'),"
    " (5, 3, 1, NULL, NULL, 1, 1, NULL, '{\"id\":1}'),"
    " (6, 1, 4, NULL, NULL, 1, 1, NULL, '{\"id\":4}');";

static int
setup_version_14(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fake_clock_install();
	tmpdir_make(f->dir);
	make_version(f->dir, 14, version_14);
	f->store = tmpdir_new_store(f->dir, STORE_DIRECT);
	f->db = store_db(f->store);
	*state = f;
	return 0;
}

static void
rooms_know_their_newest_message_as_in_version_14(void **state)
{
	static const struct {
		const char *room, *last;
	} rooms[] = {
		{ "lobby", "\"last_message\":{\"id\":2}" },
		{ "den", "\"last_message\":{\"id\":1}" },
		{ "hall", "\"last_message\":null" },
	};
	struct fixture *f = *state;
	struct my_rooms_place from = { .at = INT64_MAX };
	struct buf b = BUF_INIT;
	int more;

	assert_int_equal(check_run(f->dir, &schema_chat, no_finding, NULL), 0);
	assert_int_equal(
	    my_rooms_add(f->db, (struct user_id){ 1 }, 9, &from, &b, &more),
	    DB_OK);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		const char *at = strstr(buf_str(&b), rooms[i].room), *last;

		assert_non_null(at);
		last = strstr(at, "\"last_message\":");
		assert_non_null(last);
		if (strncmp(last, rooms[i].last, strlen(rooms[i].last)) != 0)
			fail_msg("%s: %s", rooms[i].room, buf_str(&b));
	}
	buf_done(&b);
}

static void
S3_7_a_message_of_version_14_is_not_sent_again(void **state)
{
	struct fixture *f = *state;
	struct message_draft m = { .content = "hi", .client_id = "a" };
	struct room room = lobby(f);
	struct buf json = BUF_INIT;

	assert_int_equal(
	    act_send(f, &room, (struct user_id){ 1 }, &m, &json), DB_OK);
	assert_int_equal(f->sent.sent, SENT_BEFORE);
	m.key.n = 7;
	m.type = MESSAGE_ALERT;
	assert_int_equal(
	    act_send(f, &room, (struct user_id){ 0 }, &m, &json), DB_OK);
	assert_int_equal(f->sent.sent, SENT_BEFORE);
	assert_string_equal(buf_str(&json), "{\"id\":1}{\"id\":2}");
	buf_clear(&json);
	m.client_id = "b";
	assert_int_equal(
	    act_send(f, &room, (struct user_id){ 0 }, &m, &json), DB_OK);
	assert_non_null(strstr(buf_str(&json), "{\"id\":5,"));
	buf_done(&json);
}

int
main(void)
{
#define ON_VERSION_1(test) \
	cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
#define ON_VERSION_7(test) \
	cmocka_unit_test_setup_teardown(test, setup_version_7, fixture_teardown)
#define ON_VERSION_14(test)              \
	cmocka_unit_test_setup_teardown( \
	    test, setup_version_14, fixture_teardown)
	const struct CMUnitTest tests[] = {
		ON_VERSION_1(all_is_sound_and_who_was_away_counts_from_then_on),
		ON_VERSION_1(what_was_said_in_version_1_can_be_erased),
		ON_VERSION_1(
		    A2_S4_7_stored_nicknames_have_their_keys_made_anew),
		ON_VERSION_7(
		    A4_steady_time_begins_at_the_wall_time_without_a_new_boot),
		ON_VERSION_7(
		    a_room_that_was_closed_before_is_kept_for_its_time),
		ON_VERSION_14(rooms_know_their_newest_message_as_in_version_14),
		ON_VERSION_14(S3_7_a_message_of_version_14_is_not_sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
