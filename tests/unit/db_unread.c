/* What members miss, who listens, and what is left of what was erased. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>

#include "db/engine/sqlite/check.h"
#include "db/rows/events.h"
#include "db/rows/listeners.h"
#include "db/rows/messages.h"
#include "db/rows/my_rooms.h"
#include "db/rows/nodes.h"
#include "db/rows/presence.h"
#include "db/rows/unread.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

enum { LISTENER_GRACE = 700 };

/* A room with kim, who will be away, and lee, who stays. */
struct scene {
	struct fixture *fixture;
	struct room room;
	struct chatter kim, lee;
	struct node_id node;
};

static void
no_finding(const char *finding, void *arg)
{
	(void)arg;
	fail_msg("%s", finding);
}

static void
check(const struct scene *s)
{
	assert_int_equal(check_run(s->fixture->dir, no_finding, NULL), 0);
}

static struct scene
scene(void **state)
{
	struct scene s = { .fixture = *state };

	s.room = make_room(s.fixture, "lobby", make_user(s.fixture), 9);
	s.node = make_node(s.fixture, INT64_C(1) << 40);
	s.lee = make_member(s.fixture, &s.room, "lee");
	(void)act_open_stream(s.fixture, &s.room, &s.lee, s.node, "tab");
	s.kim = make_member(s.fixture, &s.room, "kim");
	return s;
}

/* Kim's join runs out. */
static void
go_away(struct scene *s)
{
	fake_clock_advance(FIXTURE_LEASE + 1);
	assert_int_equal(act_reap(s->fixture), DB_OK);
	check(s);
}

static void
come_back(struct scene *s)
{
	assert_int_equal(
	    act_join(s->fixture, &s->room, s->kim.user, NULL, &s->kim), DB_OK);
	check(s);
}

static struct message_id
say(struct scene *s, struct user_id user, const char *content)
{
	struct message_draft m = { .content = content };
	struct message_id last;

	assert_int_equal(act_send(s->fixture, &s->room, user, &m, NULL), DB_OK);
	assert_int_equal(
	    messages_last(s->fixture->db, s->room.id, &last), DB_OK);
	return last;
}

struct listening {
	struct user_id user;
	struct entry entry;
	struct listener_id id;
	const struct room *room;
	struct chatter_id chatter;
	struct message_change change;
	struct buf json;
	enum problem why;
};

static enum db_rc
listen(struct db *db, void *arg)
{
	struct listening *l = arg;

	return listeners_enter(db, l->user, &l->entry, &l->id);
}

static enum db_rc
stop_listening(struct db *db, void *arg)
{
	struct listening *l = arg;

	return listeners_end(db, l->id);
}

static struct listening
listen_as(struct scene *s, struct user_id user, const char *conn)
{
	struct listening l = { .user = user,
		.entry = { .transport = TRANSPORT_STREAM,
		    .conn = conn,
		    .node = s->node,
		    .grace_ms = LISTENER_GRACE } };

	assert_int_equal(db_write(s->fixture->db, listen, &l), DB_OK);
	check(s);
	return l;
}

static enum db_rc
mark(struct db *db, void *arg)
{
	struct listening *l = arg;

	return unread_read(
	    db, l->room, l->chatter, l->change.message, &l->json);
}

static void
check_read(struct scene *s, int64_t message, const char *answer)
{
	struct listening l = { .room = &s->room,
		.chatter = s->kim.id,
		.change = { .message = { message } } };

	assert_int_equal(db_write(s->fixture->db, mark, &l), DB_OK);
	assert_string_equal(buf_str(&l.json), answer);
	buf_done(&l.json);
}

/* What the list of rooms says of kim's only one. */
static void
check_unread(struct scene *s, const char *words)
{
	struct my_rooms_place from = { .at = INT64_MAX };
	struct buf b = BUF_INIT;
	int more;

	assert_int_equal(
	    my_rooms_add(s->fixture->db, s->kim.user, 10, &from, &b, &more),
	    DB_OK);
	if (strstr(buf_str(&b), words) == NULL)
		fail_msg("not %s: %s", words, buf_str(&b));
	buf_done(&b);
}

static enum db_rc
edit(struct db *db, void *arg)
{
	struct listening *l = arg;

	return messages_edit(db, l->room, &l->change, &l->json, &l->why);
}

static enum db_rc
erase(struct db *db, void *arg)
{
	struct listening *l = arg;

	return messages_delete(db, l->room, &l->change, &l->why);
}

static enum db_rc
change(struct scene *s, db_fn fn, struct user_id user, struct message_id id,
    enum problem *why)
{
	struct listening l = { .room = &s->room,
		.change = { .user = user,
		    .message = id,
		    .within = 1000,
		    .content = "changed" } };
	enum db_rc rc = db_write(s->fixture->db, fn, &l);

	*why = l.why;
	buf_done(&l.json);
	return rc;
}

static void
s5_7_only_what_others_said_meanwhile_is_unread(void **state)
{
	struct scene s = scene(state);
	struct presence_id tab =
	    act_open_stream(s.fixture, &s.room, &s.kim, s.node, "tab");

	(void)say(&s, s.lee.user, "while there");
	act_end_stream(s.fixture, tab);
	go_away(&s);
	(void)say(&s, s.lee.user, "one");
	(void)say(&s, s.kim.user, "kim's own");
	(void)say(&s, s.lee.user, "two");
	check_unread(&s, "\"unread\":2,\"read\":0,\"online\":false}");
	come_back(&s);
	tab = act_open_stream(s.fixture, &s.room, &s.kim, s.node, "tab");
	(void)say(&s, s.lee.user, "while there again");
	check_unread(&s, "\"unread\":2,\"read\":0,\"online\":true}");
	act_end_stream(s.fixture, tab);
	go_away(&s);
	(void)say(&s, s.lee.user, "three");
	check_unread(&s, "\"unread\":3,");
}

static void
s5_7_what_nobody_heard_before_a_leave_is_unread_but_not_before_a_return(
    void **state)
{
	struct scene s = scene(state);
	struct presence_id tab, other;

	(void)say(&s, s.lee.user, "since the join");
	tab = act_open_stream(s.fixture, &s.room, &s.kim, s.node, "tab");
	other = act_open_stream(s.fixture, &s.room, &s.kim, s.node, "other");
	act_end_stream(s.fixture, tab);
	(void)say(&s, s.lee.user, "heard by the other");
	act_end_stream(s.fixture, other);
	(void)say(&s, s.lee.user, "within the grace");
	tab = act_open_stream(s.fixture, &s.room, &s.kim, s.node, "tab");
	act_end_stream(s.fixture, tab);
	(void)say(&s, s.lee.user, "within the next");
	check_unread(&s, "\"unread\":0,");
	go_away(&s);
	check_unread(&s, "\"unread\":1,");
	come_back(&s);
	tab = act_open_stream(s.fixture, &s.room, &s.kim, s.node, "tab");
	come_back(&s);
	(void)say(&s, s.lee.user, "heard by the tab, not by the join");
	act_end_stream(s.fixture, tab);
	fake_clock_advance(s.room.grace + 1);
	assert_int_equal(act_reap(s.fixture), DB_OK);
	go_away(&s);
	check_unread(&s, "\"unread\":1,");
	come_back(&s);
	(void)say(&s, s.lee.user, "since this join");
	check_unread(&s, "\"unread\":1,");
	go_away(&s);
	check_unread(&s, "\"unread\":2,");
}

static void
s5_7_who_listens_is_told_of_each_and_at_first_of_all(void **state)
{
	struct scene s = scene(state);
	struct listening first, second;
	int64_t head;

	go_away(&s);
	(void)say(&s, s.lee.user, "one");
	head = eventlog_head(s.fixture);
	first = listen_as(&s, s.kim.user, "a");
	assert_int_equal(eventlog_count(s.fixture, head,
			     "unread 0 {\"room\":\"lobby\",\"unread\":1,"
			     "\"message\":null}"),
	    1);
	head = eventlog_head(s.fixture);
	second = listen_as(&s, s.kim.user, "b");
	assert_true(eventlog_head(s.fixture) == head);
	(void)say(&s, s.lee.user, "two");
	assert_int_equal(eventlog_count(s.fixture, head,
			     "\"unread\":2,\"message\":{\"id\":"),
	    1);
	check(&s);
	assert_int_equal(
	    db_write(s.fixture->db, stop_listening, &first), DB_OK);
	assert_int_equal(
	    db_write(s.fixture->db, stop_listening, &second), DB_OK);
	fake_clock_advance(LISTENER_GRACE);
	assert_int_equal(act_reap(s.fixture), DB_OK);
	check(&s);
	head = eventlog_head(s.fixture);
	(void)say(&s, s.lee.user, "three");
	assert_int_equal(eventlog_count(s.fixture, head, "unread"), 0);
	/* What was told before is not told again, what was not is. */
	(void)listen_as(&s, s.kim.user, "a");
	assert_int_equal(eventlog_count(s.fixture, head, "\"unread\":3,"), 1);
}

static void
s5_7_a_listener_dies_with_its_node_a_grace_later(void **state)
{
	struct scene s = scene(state);
	struct node_id brief = make_node(s.fixture, 100);

	go_away(&s);
	s.node = make_node(s.fixture, 100);
	(void)listen_as(&s, s.kim.user, "a");
	fake_clock_advance(101);
	assert_int_equal(act_reap(s.fixture), DB_OK);
	assert_int_equal(listeners_any(s.fixture->db, s.kim.user), DB_OK);
	fake_clock_advance(LISTENER_GRACE);
	assert_int_equal(act_reap(s.fixture), DB_OK);
	assert_int_equal(listeners_any(s.fixture->db, s.kim.user), DB_NONE);
	check(&s);
	assert_int_equal(nodes_check(s.fixture->db, brief), DB_BUSY);
}

static void
s5_8_the_marker_goes_forward_alone_and_no_further_than_the_newest(void **state)
{
	struct scene s = scene(state);
	struct buf answer = BUF_INIT;
	struct message_id one, last;
	int64_t head;

	go_away(&s);
	one = say(&s, s.lee.user, "one");
	last = say(&s, s.lee.user, "two");
	buf_addf(&answer, "{\"room\":\"lobby\",\"message\":%lld,\"unread\":1}",
	    (long long)one.n);
	check_read(&s, one.n, buf_str(&answer));
	head = eventlog_head(s.fixture);
	check_read(&s, 1, buf_str(&answer));
	assert_true(eventlog_head(s.fixture) == head);
	buf_clear(&answer);
	buf_addf(&answer, "{\"room\":\"lobby\",\"message\":%lld,\"unread\":0}",
	    (long long)last.n);
	check_read(&s, INT64_MAX, buf_str(&answer));
	assert_int_equal(eventlog_count(s.fixture, head, "read 0 {"), 1);
	buf_done(&answer);
}

static void
s5_6_who_leaves_has_no_count_and_counts_anew(void **state)
{
	struct scene s = scene(state);

	go_away(&s);
	(void)listen_as(&s, s.kim.user, "a");
	(void)say(&s, s.lee.user, "one");
	act_leave(s.fixture, &s.room, &s.kim, LEAVE_REMOVED);
	check(&s);
	check_unread(&s, "");
	come_back(&s);
	check_unread(&s, "\"unread\":0,");
	go_away(&s);
}

static enum db_rc
say_much(struct db *db, void *arg)
{
	struct scene *s = arg;
	struct write_args w = { .fixture = s->fixture,
		.room = &s->room,
		.user = s->lee.user,
		.text = "more" };
	enum db_rc rc = DB_OK;

	for (int i = 0; rc == DB_OK && i < UNREAD_MAX; i++)
		rc = write_message(db, &w);
	buf_done(&w.json);
	return rc;
}

static void
only_so_many_absences_and_messages_are_counted(void **state)
{
	struct scene s = scene(state);

	for (int i = 0; i < ABSENCES_MAX + 2; i++) {
		go_away(&s);
		(void)say(&s, s.lee.user, "one");
		come_back(&s);
	}
	check_unread(&s, "\"unread\":64,");
	go_away(&s);
	assert_int_equal(db_write(s.fixture->db, say_much, &s), DB_OK);
	check_unread(&s, "\"unread\":1000,");
	(void)listen_as(&s, s.kim.user, "a");
	(void)say(&s, s.lee.user, "more");
	check(&s);
}

static void
to_come_and_go_while_nothing_is_said_forgets_nothing_unread(void **state)
{
	struct scene s = scene(state);

	go_away(&s);
	(void)say(&s, s.lee.user, "one");
	for (int i = 0; i < ABSENCES_MAX + 2; i++) {
		come_back(&s);
		go_away(&s);
	}
	check_unread(&s, "\"unread\":1,");
}

static enum db_rc
blank(struct db *db, void *arg)
{
	const struct listening *l = arg;

	return events_blank(db, (struct scope){ SCOPE_USER, l->user.n });
}

static void
what_was_erased_is_in_no_queue_when_another_is_forgotten_already(void **state)
{
	struct scene s = scene(state);
	struct chatter pat = make_member(s.fixture, &s.room, "pat");
	struct listening kim;
	struct message_id one;
	enum problem why;
	int64_t head;

	go_away(&s);
	kim = listen_as(&s, s.kim.user, "a");
	(void)listen_as(&s, pat.user, "a");
	head = eventlog_head(s.fixture);
	one = say(&s, s.lee.user, "secret");
	assert_int_equal(eventlog_count(s.fixture, head, "secret"), 3);
	assert_int_equal(db_write(s.fixture->db, blank, &kim), DB_OK);
	assert_int_equal(change(&s, erase, s.lee.user, one, &why), DB_OK);
	assert_int_equal(eventlog_count(s.fixture, head, "secret"), 0);
}

static void
what_was_erased_is_in_no_event_and_no_count(void **state)
{
	struct scene s = scene(state);
	struct message_id one, two;
	enum problem why;
	int64_t head;

	go_away(&s);
	(void)listen_as(&s, s.kim.user, "a");
	head = eventlog_head(s.fixture);
	one = say(&s, s.lee.user, "secret");
	two = say(&s, s.lee.user, "secret");
	assert_int_equal(eventlog_count(s.fixture, head, "secret"), 4);
	assert_int_equal(change(&s, edit, s.lee.user, one, &why), DB_OK);
	assert_int_equal(change(&s, edit, s.lee.user, one, &why), DB_OK);
	/* The message, who was told, and the last edit. */
	assert_int_equal(eventlog_count(s.fixture, head, "changed"), 3);
	assert_int_equal(change(&s, erase, s.lee.user, two, &why), DB_OK);
	assert_int_equal(eventlog_count(s.fixture, head, "secret"), 0);
	check(&s);
	check_unread(&s, "\"unread\":1,");
	assert_int_equal(change(&s, erase, s.lee.user, two, &why), DB_OK);
	assert_int_equal(change(&s, edit, s.lee.user, two, &why), DB_NONE);
	assert_int_equal(change(&s, erase, s.kim.user, one, &why), DB_CONFLICT);
	assert_int_equal(why, PROBLEM_DELETER_ONLY);
	fake_clock_advance(1001);
	assert_int_equal(change(&s, erase, s.lee.user, one, &why), DB_CONFLICT);
	assert_int_equal(why, PROBLEM_TOO_LATE);
}

static enum db_rc
supervise(struct db *db, void *arg)
{
	struct listening *l = arg;

	l->change.as = CHANGER_SUPERVISOR;
	return messages_delete(db, l->room, &l->change, &l->why);
}

/* Each is erased, and the count told is what is counted. */
static void
a_count_falls_by_what_counted_alone(void **state)
{
	struct scene s = scene(state);
	struct message_id there, missed, own, notice, read;
	enum problem why;
	int64_t head;

	there = say(&s, s.lee.user, "while there");
	notice = there;
	notice.n++;
	go_away(&s);
	read = say(&s, s.lee.user, "read");
	missed = say(&s, s.lee.user, "missed");
	own = say(&s, s.kim.user, "own");
	come_back(&s);
	go_away(&s);
	(void)listen_as(&s, s.kim.user, "a");
	(void)say(&s, s.lee.user, "missed too");
	check_read(
	    &s, read.n, "{\"room\":\"lobby\",\"message\":5,\"unread\":2}");
	head = eventlog_head(s.fixture);
	for (size_t i = 0; i < 4; i++) {
		struct message_id ids[] = { there, notice, own, read };

		assert_int_equal(
		    change(&s, supervise, s.lee.user, ids[i], &why), DB_OK);
		check(&s);
	}
	assert_int_equal(eventlog_count(s.fixture, head, "unread 0"), 0);
	assert_int_equal(
	    change(&s, supervise, s.lee.user, missed, &why), DB_OK);
	assert_int_equal(eventlog_count(s.fixture, head,
			     "unread 0 {\"room\":\"lobby\",\"unread\":1,"),
	    1);
	check(&s);
}

static off_t
log_size(const struct scene *s)
{
	struct buf path = BUF_INIT;
	struct stat st;

	buf_addf(&path, "%s/parlor.db-wal", s->fixture->dir);
	assert_int_equal(stat(buf_str(&path), &st), 0);
	buf_done(&path);
	return st.st_size;
}

/* Somebody who reads for long, as a backup does. */
static sqlite3 *
read_long(const struct scene *s)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	buf_addf(&path, "%s/parlor.db", s->fixture->dir);
	assert_int_equal(sqlite3_open(buf_str(&path), &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_db_config(
			     sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(sqlite, "BEGIN; SELECT count(*) FROM message;", NULL,
		NULL, NULL),
	    SQLITE_OK);
	buf_done(&path);
	return sqlite;
}

static void
while_somebody_reads_the_log_is_cut_off_now_and_then_alone(void **state)
{
	struct scene s = scene(state);
	struct message_id one = say(&s, s.lee.user, "secret");
	sqlite3 *reader = read_long(&s);
	enum problem why;

	assert_int_equal(change(&s, erase, s.lee.user, one, &why), DB_OK);
	assert_int_equal(
	    sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
	assert_true(log_size(&s) > 0);
	(void)say(&s, s.lee.user, "no write waits for readers each time");
	assert_true(log_size(&s) > 0);
	fake_clock_advance(500);
	(void)say(&s, s.lee.user, "later");
	assert_true(log_size(&s) == 0);
}

static void
slow_mode_lets_a_member_speak_now_and_then(void **state)
{
	struct scene s = scene(state);
	struct message_draft m = { .content = "hi", .client_id = "1" };
	struct chatter boss;

	s.room.slow = 2000;
	assert_int_equal(
	    act_join(s.fixture, &s.room, s.room.owner, "boss", &boss), DB_OK);
	assert_int_equal(
	    act_send(s.fixture, &s.room, s.kim.user, &m, NULL), DB_OK);
	assert_int_equal(
	    act_send(s.fixture, &s.room, s.kim.user, &m, NULL), DB_OK);
	m.client_id = NULL;
	fake_clock_advance(1500);
	assert_int_equal(
	    act_send(s.fixture, &s.room, s.kim.user, &m, NULL), DB_CONFLICT);
	assert_int_equal(s.fixture->why, PROBLEM_SLOW_MODE);
	assert_true(s.fixture->sent.wait == 500);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    act_send(s.fixture, &s.room, boss.user, &m, NULL), DB_OK);
	fake_clock_advance(500);
	assert_int_equal(
	    act_send(s.fixture, &s.room, s.kim.user, &m, NULL), DB_OK);
}

static void
s3_2_a_key_sends_alerts_without_a_seat_and_each_once(void **state)
{
	struct scene s = scene(state);
	struct message_draft m = { .key = { 3 },
		.type = MESSAGE_ALERT,
		.content = "closing",
		.client_id = "1" };
	int64_t head = eventlog_head(s.fixture);

	for (int i = 0; i < 2; i++)
		assert_int_equal(act_send(s.fixture, &s.room,
				     (struct user_id){ 0 }, &m, NULL),
		    DB_OK);
	assert_int_equal(s.fixture->sent.sent, SENT_BEFORE);
	assert_int_equal(
	    eventlog_count(s.fixture, head, "\"chatter\":null,\"content\""), 1);
	go_away(&s);
	m.client_id = NULL;
	assert_int_equal(
	    act_send(s.fixture, &s.room, (struct user_id){ 0 }, &m, NULL),
	    DB_OK);
	check_unread(&s, "\"unread\":2,");
}

int
main(void)
{
#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH_STORE(s5_7_only_what_others_said_meanwhile_is_unread),
		WITH_STORE(
		    s5_7_what_nobody_heard_before_a_leave_is_unread_but_not_before_a_return),
		WITH_STORE(
		    s5_7_who_listens_is_told_of_each_and_at_first_of_all),
		WITH_STORE(s5_7_a_listener_dies_with_its_node_a_grace_later),
		WITH_STORE(
		    s5_8_the_marker_goes_forward_alone_and_no_further_than_the_newest),
		WITH_STORE(s5_6_who_leaves_has_no_count_and_counts_anew),
		WITH_STORE(only_so_many_absences_and_messages_are_counted),
		WITH_STORE(
		    to_come_and_go_while_nothing_is_said_forgets_nothing_unread),
		WITH_STORE(
		    what_was_erased_is_in_no_queue_when_another_is_forgotten_already),
		WITH_STORE(what_was_erased_is_in_no_event_and_no_count),
		WITH_STORE(a_count_falls_by_what_counted_alone),
		WITH_STORE(
		    while_somebody_reads_the_log_is_cut_off_now_and_then_alone),
		WITH_STORE(slow_mode_lets_a_member_speak_now_and_then),
		WITH_STORE(
		    s3_2_a_key_sends_alerts_without_a_seat_and_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
