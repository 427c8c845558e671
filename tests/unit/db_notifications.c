/*
 * Notifications collapse, are withdrawn and counted, and each change is one
 * event.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/notify.h"
#include "db/rows/users.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"

enum { KEEP = 5, PAGE_ALL = 200 };

static const struct occasion like = { "", "like", "post", "17" };
static const struct occasion bare = { "", "poke", "", "" };

/* The arguments and results of one call. */
struct telling {
	struct act act;
	int64_t keep;
	struct notification_id id;
	int64_t upto;
	struct told told;
	struct buf json;
};

static enum db_rc
write_notification(struct db *db, void *arg)
{
	struct telling *n = arg;

	return notify_tell(db, &n->act, n->keep, &n->json, &n->told);
}

static struct notification_id
tell_keeping(struct fixture *f, struct user_id user, const struct occasion *o,
    const char *actor, int64_t keep)
{
	struct telling n = { .keep = keep,
		.act = { user, *o, actor, actor != NULL ? actor : "nobody", "",
		    "{}" } };

	assert_int_equal(db_write(f->db, write_notification, &n), DB_OK);
	assert_true(n.json.len > 0);
	buf_done(&n.json);
	return n.told.id;
}

static struct notification_id
tell(struct fixture *f, struct user_id user, const struct occasion *o,
    const char *actor)
{
	return tell_keeping(f, user, o, actor, KEEP);
}

static enum db_rc
write_withdrawal(struct db *db, void *arg)
{
	struct telling *n = arg;

	return notify_withdraw(db, n->act.user, &n->act.occasion, n->act.actor);
}

static void
withdraw(struct fixture *f, struct user_id user, const struct occasion *o,
    const char *actor)
{
	struct telling n = {
		.act = { .user = user, .occasion = *o, .actor = actor }
	};

	assert_int_equal(db_write(f->db, write_withdrawal, &n), DB_OK);
}

static enum db_rc
mark_read(struct db *db, void *arg)
{
	struct telling *n = arg;

	return notify_read(db, n->act.user, n->id, &n->json);
}

static enum db_rc
mark_all_read(struct db *db, void *arg)
{
	struct telling *n = arg;

	return notify_read_all(db, n->act.user, n->upto);
}

static enum db_rc
delete_notification(struct db *db, void *arg)
{
	struct telling *n = arg;

	return notify_delete(db, n->act.user, n->id);
}

static enum db_rc
change(
    struct fixture *f, db_fn fn, struct user_id user, struct notification_id id)
{
	struct telling n = {
		.act = { .user = user }, .id = id, .upto = INT64_MAX
	};
	enum db_rc rc = db_write(f->db, fn, &n);

	buf_done(&n.json);
	return rc;
}

static void
check_unread(struct fixture *f, struct user_id user, int64_t expected)
{
	int64_t unread;

	assert_int_equal(users_unread(f->db, user, &unread), DB_OK);
	assert_true(unread == expected);
}

/*
 * Fails unless the first page of USER holds these texts, each followed by a
 * comma.
 */
static void
check_texts(struct fixture *f, struct user_id user, const char *expected)
{
	struct inbox_page page = { WHICH_ALL, INT64_MAX, PAGE_ALL };
	struct buf json = BUF_INIT, texts = BUF_INIT;
	static const char mark[] = "\"text\":\"";
	int more;

	assert_int_equal(
	    notifications_add_page(f->db, user, &page, &json, &more), DB_OK);
	assert_false(more);
	for (const char *s = buf_str(&json); (s = strstr(s, mark)) != NULL;) {
		s += sizeof(mark) - 1;
		buf_add(&texts, s, strcspn(s, "\""));
		buf_addc(&texts, ',');
	}
	assert_string_equal(buf_str(&texts), expected);
	buf_done(&json);
	buf_done(&texts);
}

static void
s5_10_acts_collapse_while_unread_and_the_same_actor_counts_once(void **state)
{
	struct fixture *f = *state;
	struct user_id user = make_user(f);
	struct notification_id id = tell(f, user, &like, "kim");
	int64_t head = eventlog_head(f);

	assert_true(tell(f, user, &like, "kim").n == id.n);
	assert_true(eventlog_head(f) == head);
	assert_true(tell(f, user, &like, "lee").n == id.n);
	assert_int_equal(eventlog_count(f, head, "\"count\":2"), 1);
	assert_true(tell(f, user, &like, NULL).n == id.n);
	assert_true(tell(f, user, &like, NULL).n == id.n);
	assert_int_equal(eventlog_count(f, head, "\"count\":4"), 1);
	check_unread(f, user, 1);
	assert_int_equal(change(f, mark_read, user, id), DB_OK);
	assert_true(tell(f, user, &like, "kim").n != id.n);
	check_unread(f, user, 1);
}

static void
s5_9_what_remains_has_the_words_of_the_newest_that_remains(void **state)
{
	struct fixture *f = *state;
	struct user_id user = make_user(f);

	(void)tell(f, user, &like, "kim");
	(void)tell(f, user, &like, "lee");
	(void)tell(f, user, &like, "park");
	withdraw(f, user, &like, "lee");
	check_texts(f, user, "park,");
	withdraw(f, user, &like, "park");
	check_texts(f, user, "kim,");
	withdraw(f, user, &like, "kim");
	check_texts(f, user, "");
	check_unread(f, user, 0);
}

static void
s5_9_withdrawing_what_there_is_not_tells_nothing(void **state)
{
	static const struct occasion other = { "", "like", "post", "18" };
	static const struct occasion elsewhere = { "lobby", "like", "post",
		"17" };
	struct fixture *f = *state;
	struct user_id user = make_user(f), another = make_user(f);
	struct notification_id id = tell(f, user, &like, "kim");
	int64_t head;

	(void)tell(f, user, &bare, "kim");
	head = eventlog_head(f);
	withdraw(f, user, &other, "kim");
	withdraw(f, user, &elsewhere, "kim");
	withdraw(f, another, &like, "kim");
	withdraw(f, user, &like, "lee");
	withdraw(f, user, &bare, "kim");
	assert_true(eventlog_head(f) == head);
	assert_int_equal(change(f, mark_read, user, id), DB_OK);
	withdraw(f, user, &like, "kim");
	withdraw(f, user, &like, NULL);
	check_texts(f, user, "kim,kim,");
}

static void
of_very_many_acts_the_oldest_are_forgotten_but_counted(void **state)
{
	struct fixture *f = *state;
	struct user_id user = make_user(f);
	char actor[16];
	int64_t head;

	for (int i = 0; i <= NOTIFICATION_ACTS_MAX; i++) {
		(void)snprintf(actor, sizeof(actor), "a%d", i);
		(void)tell(f, user, &like, actor);
	}
	head = eventlog_head(f);
	withdraw(f, user, &like, "a0");
	assert_true(eventlog_head(f) == head);
	withdraw(f, user, &like, "a1");
	assert_int_equal(eventlog_count(f, head, "\"count\":1000,"), 1);
	for (int i = 2; i <= NOTIFICATION_ACTS_MAX; i++) {
		(void)snprintf(actor, sizeof(actor), "a%d", i);
		withdraw(f, user, &like, actor);
	}
	check_texts(f, user, "");
	check_unread(f, user, 0);
}

static void
s5_4_the_newest_is_on_top_even_when_the_clock_goes_back(void **state)
{
	static const struct occasion two = { "", "like", "post", "2" };
	struct fixture *f = *state;
	struct user_id user = make_user(f);

	(void)tell(f, user, &like, "kim");
	(void)tell(f, user, &two, "lee");
	check_texts(f, user, "lee,kim,");
	fake_clock_wall -= 100000;
	(void)tell(f, user, &like, "park");
	check_texts(f, user, "park,lee,");
	(void)tell(f, user, &bare, "choi");
	check_texts(f, user, "choi,park,lee,");
	fake_clock_wall += 100000;
}

static void
s5_4_the_oldest_read_then_the_oldest_make_room(void **state)
{
	struct fixture *f = *state;
	struct user_id user = make_user(f), other = make_user(f);
	struct notification_id third = { 0 };
	int64_t head;

	(void)tell(f, other, &bare, "kim");
	for (int i = 0; i < KEEP; i++) {
		char text[] = { (char)('a' + i), '\0' };
		struct notification_id id = tell(f, user, &bare, text);

		if (i == 2)
			third = id;
	}
	assert_int_equal(change(f, mark_read, user, third), DB_OK);
	(void)tell(f, user, &bare, "f");
	check_texts(f, user, "f,e,d,b,a,");
	check_unread(f, user, KEEP);
	head = eventlog_head(f);
	(void)tell_keeping(f, user, &bare, "g", 2);
	check_texts(f, user, "g,f,");
	check_unread(f, user, 2);
	assert_int_equal(eventlog_count(f, head, "\"deleted\":["), 4);
	check_unread(f, other, 1);
}

static void
s5_4_what_is_read_already_is_not_told_again(void **state)
{
	struct fixture *f = *state;
	struct user_id user = make_user(f);
	struct notification_id id = tell(f, user, &like, "kim");
	int64_t head = eventlog_head(f);

	assert_int_equal(change(f, mark_read, user, id), DB_OK);
	assert_int_equal(change(f, mark_read, user, id), DB_OK);
	assert_int_equal(change(f, mark_all_read, user, id), DB_OK);
	assert_int_equal(eventlog_count(f, head, "notifications"), 1);
	check_unread(f, user, 0);
}

static void
s5_1_anothers_is_not_there_to_be_read_or_deleted(void **state)
{
	struct fixture *f = *state;
	struct user_id user = make_user(f), other = make_user(f);
	struct notification_id id = tell(f, user, &like, "kim");
	int64_t head = eventlog_head(f);

	assert_int_equal(change(f, mark_read, other, id), DB_NONE);
	assert_int_equal(change(f, delete_notification, other, id), DB_NONE);
	assert_int_equal(change(f, mark_all_read, other, id), DB_OK);
	assert_true(eventlog_head(f) == head);
	check_unread(f, user, 1);
	assert_int_equal(change(f, delete_notification, user, id), DB_OK);
	assert_int_equal(change(f, delete_notification, user, id), DB_NONE);
	check_unread(f, user, 0);
}

static void
s5_4_the_unread_alone_are_a_page_of_their_own(void **state)
{
	struct fixture *f = *state;
	struct inbox_page page = { WHICH_UNREAD, INT64_MAX, 1 };
	struct user_id user = make_user(f);
	struct notification_id first = tell(f, user, &bare, "kim");
	struct buf json = BUF_INIT;
	int more;

	(void)tell(f, user, &bare, "lee");
	(void)tell(f, user, &bare, "park");
	assert_int_equal(change(f, mark_read, user, first), DB_OK);
	assert_int_equal(
	    notifications_add_page(f->db, user, &page, &json, &more), DB_OK);
	assert_true(more);
	page.limit = 2;
	assert_int_equal(
	    notifications_add_page(f->db, user, &page, &json, &more), DB_OK);
	assert_false(more);
	assert_null(strstr(buf_str(&json), "kim"));
	buf_done(&json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    s5_10_acts_collapse_while_unread_and_the_same_actor_counts_once),
		FIXTURE_TEST(
		    s5_9_what_remains_has_the_words_of_the_newest_that_remains),
		FIXTURE_TEST(s5_9_withdrawing_what_there_is_not_tells_nothing),
		FIXTURE_TEST(
		    of_very_many_acts_the_oldest_are_forgotten_but_counted),
		FIXTURE_TEST(
		    s5_4_the_newest_is_on_top_even_when_the_clock_goes_back),
		FIXTURE_TEST(s5_4_the_oldest_read_then_the_oldest_make_room),
		FIXTURE_TEST(s5_4_what_is_read_already_is_not_told_again),
		FIXTURE_TEST(s5_1_anothers_is_not_there_to_be_read_or_deleted),
		FIXTURE_TEST(s5_4_the_unread_alone_are_a_page_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
