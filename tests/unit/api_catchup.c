/* Requests for events that are answered at once, without a stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/feed/catchup.h"
#include "api/feed/cursor.h"
#include "db/base/limits.h"
#include "db/chat/accounts.h"
#include "db/rows/events.h"
#include "db/chat/say.h"
#include "db/chat/arrivals.h"
#include "db/rows/users.h"
#include "tests/lib/act.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/site.h"
#include "tests/lib/write.h"

/* A fixture with a person who has joined the lobby and asks for its events. */
struct scene {
	struct fixture *fixture;
	struct settings settings;
	struct token token;
	struct user_id user;
	struct room room;
	struct chatter chatter;
};

static void
begin(struct scene *s, void **state)
{
	struct fixture *f = *state;
	struct write_args w = { .fixture = f };

	assert_int_equal(db_write(f->db, write_user, &w), DB_OK);
	*s = (struct scene){ .fixture = f, .token = w.token, .user = w.user };
	settings_default(&s->settings);
	s->room = make_room(f, "lobby", w.user, 7);
	assert_int_equal(
	    act_join(f, &s->room, w.user, "kim", &s->chatter), DB_OK);
}

static struct catchup
ask(const struct scene *s, const char *query, int at_once)
{
	return (struct catchup){
		.asked = { .protocols = protocols_http,
		    .query = query,
		    .token = s->token.s,
		    .at_once = at_once },
		.settings = &s->settings,
	};
}

static void
say(const struct scene *s, const char *content)
{
	struct message_draft m = { .user = s->user, .content = content };

	assert_int_equal(
	    act_send(s->fixture, &s->room, s->user, &m, NULL), DB_OK);
}

static enum db_rc
prune(struct db *db, void *arg)
{
	(void)arg;
	return events_prune(db, 0, 1, 1000);
}

static void
p4_what_is_pruned_between_check_and_answer_is_told(void **state)
{
	struct scene s;
	struct catchup c;

	begin(&s, state);
	say(&s, "first");
	c = ask(&s, "rooms=lobby&cursor=earliest&as=json", 1);
	assert_int_equal(catchup_check(s.fixture->db, &c), DB_OK);
	assert_int_equal(c.sub.recovered, 1);
	say(&s, "second");
	assert_int_equal(db_write(s.fixture->db, prune, NULL), DB_OK);
	assert_int_equal(catchup_answer(s.fixture->db, &c), DB_OK);
	assert_non_null(strstr(buf_str(&c.body), "\"recovered\":false"));
	assert_non_null(strstr(buf_str(&c.body), "\"events\":[]"));
	assert_int_equal(c.sub.cursor, eventlog_head(s.fixture));
	buf_done(&c.body);
}

static int64_t
rows(const struct scene *s)
{
	int64_t n;

	assert_int_equal(presence_count(s->fixture->db, &n), DB_OK);
	return n;
}

/* Asks once more; returns how many rows of presence there are then. */
static int64_t
visit(const struct scene *s, const char *query)
{
	struct catchup c = ask(s, query, 1);
	int64_t before = rows(s);

	assert_int_equal(catchup_check(s->fixture->db, &c), DB_OK);
	assert_int_equal(catchup_enter(s->fixture->db, &c), DB_OK);
	assert_int_equal(catchup_answer(s->fixture->db, &c), DB_OK);
	assert_true(c.body.len > 0);
	buf_done(&c.body);
	return rows(s) - before;
}

static struct catchup
ask_eagerly(const struct scene *s)
{
	struct catchup c = ask(s, "rooms=lobby&cursor=earliest&as=json", 1);

	c.eager = 1;
	assert_int_equal(catchup_check(s->fixture->db, &c), DB_OK);
	return c;
}

static void
who_is_present_is_answered_by_the_check(void **state)
{
	struct scene s;
	struct catchup c;
	int64_t head;

	begin(&s, state);
	say(&s, "first");
	c = ask_eagerly(&s);
	assert_int_equal(c.needs, SUBSCRIPTION_MUST_ENTER);
	assert_false(c.answered);
	assert_int_equal(catchup_enter(s.fixture->db, &c), DB_OK);
	head = eventlog_head(s.fixture);
	c = ask_eagerly(&s);
	assert_true(c.answered);
	say(&s, "second");
	assert_int_equal(catchup_enter(s.fixture->db, &c), DB_OK);
	assert_int_equal(catchup_answer(s.fixture->db, &c), DB_OK);
	assert_non_null(strstr(buf_str(&c.body), "first"));
	assert_null(strstr(buf_str(&c.body), "second"));
	assert_int_equal(c.sub.cursor, head);
	buf_done(&c.body);
}

static void
s4_9_a_stream_that_is_answered_at_once_is_present_as_a_poll_is(void **state)
{
	static const char sse[] = "rooms=lobby&as=sse",
			  ndjson[] = "rooms=lobby&as=ndjson",
			  poll[] = "rooms=lobby&as=json";
	struct scene s;

	begin(&s, state);
	/* The row that the join made is replaced. */
	assert_int_equal(visit(&s, sse), 0);
	assert_int_equal(visit(&s, sse), 0);
	assert_int_equal(visit(&s, ndjson), 0);
	assert_int_equal(visit(&s, poll), 0);
	assert_int_equal(visit(&s, "as=sse"), 0);
	assert_int_equal(visit(&s, "rooms=lobby&as=sse&conn=tab"), 1);
}

/* Asks for all that was said until nobody is left out; returns how often. */
static int
read_all(const struct scene *s, const char *as, struct buf *all)
{
	struct buf query = BUF_INIT;
	char epoch[EPOCH_LEN + 1];
	int64_t cursor = 0;
	int n = 0, more = 1;

	for (; more; n++) {
		struct catchup c;

		buf_clear(&query);
		buf_addf(&query, "rooms=lobby&as=%s&cursor=", as);
		if (n == 0)
			buf_adds(&query, "earliest");
		else
			cursor_add(&query, epoch, cursor);
		c = ask(s, buf_str(&query), 1);
		assert_int_equal(catchup_check(s->fixture->db, &c), DB_OK);
		assert_int_equal(catchup_answer(s->fixture->db, &c), DB_OK);
		assert_in_range(c.body.len, 1, LIST_BYTES_MAX + 1024);
		buf_add(all, c.body.p, c.body.len);
		memcpy(epoch, c.sub.log.epoch, sizeof(epoch));
		cursor = c.told;
		more = c.more;
		buf_done(&c.body);
	}
	buf_done(&query);
	return n;
}

static void
p4_answers_end_by_bytes_and_the_next_goes_on_there(void **state)
{
	static const char *const as[] = { "json", "sse", "ndjson" };
	enum { SAID = 20, BYTES = 3 * CONTENT_MAX };
	struct buf content = BUF_INIT, all = BUF_INIT;
	char word[16];
	struct scene s;

	begin(&s, state);
	for (int i = 0; i < SAID; i++) {
		buf_clear(&content);
		buf_addf(&content, "<%d>", i);
		while (content.len < BYTES)
			buf_adds(&content, "\xea\xb9\x80");
		say(&s, buf_str(&content));
	}
	for (size_t i = 0; i < sizeof(as) / sizeof(as[0]); i++) {
		const char *at;

		buf_clear(&all);
		assert_int_equal(read_all(&s, as[i], &all),
		    1 + (SAID * BYTES) / LIST_BYTES_MAX);
		at = buf_str(&all);
		for (int n = 0; n < SAID; n++) {
			(void)snprintf(word, sizeof(word), "<%d>", n);
			at = strstr(at, word);
			assert_non_null(at);
			assert_null(strstr(at + 1, word));
		}
	}
	buf_done(&content);
	buf_done(&all);
}

static void
nothing_new_is_one_position_and_something_new_another(void **state)
{
	struct scene s;
	struct catchup c;
	const char *first;

	begin(&s, state);
	c = ask(&s, "rooms=lobby&as=sse", 1);
	assert_int_equal(catchup_check(s.fixture->db, &c), DB_OK);
	assert_int_equal(catchup_answer(s.fixture->db, &c), DB_OK);
	first = strstr(buf_str(&c.body), "\nid: ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "\nid: "));
	assert_non_null(strstr(first, "event: bye\n"));
	buf_done(&c.body);
}

static void
s5_11_who_leaves_between_check_and_answer_hears_nothing_behind_it(void **state)
{
	struct scene s;
	struct catchup c;
	struct chatter lee;
	struct message_draft m = { .content = "behind his back" };
	const char *removed;

	begin(&s, state);
	lee = make_member(s.fixture, &s.room, "lee");
	say(&s, "before");
	act_leave(s.fixture, &s.room, &s.chatter, LEAVE_LEFT);
	assert_int_equal(
	    act_join(s.fixture, &s.room, s.user, "kim", &s.chatter), DB_OK);
	c = ask(&s, "rooms=lobby&cursor=earliest&as=json", 1);
	assert_int_equal(catchup_check(s.fixture->db, &c), DB_OK);
	say(&s, "still there");
	act_leave(s.fixture, &s.room, &s.chatter, LEAVE_REMOVED);
	assert_int_equal(
	    act_send(s.fixture, &s.room, lee.user, &m, NULL), DB_OK);
	assert_int_equal(catchup_answer(s.fixture->db, &c), DB_OK);
	/* An earlier leave ends nothing. */
	assert_non_null(strstr(buf_str(&c.body), "still there"));
	removed = strstr(buf_str(&c.body), "\"reason\":\"removed\"");
	assert_non_null(removed);
	assert_null(strstr(removed, "\"id\":\""));
	assert_null(strstr(removed, "behind his back"));
	assert_int_equal(c.sub.cursor, eventlog_head(s.fixture));
	buf_done(&c.body);
}

/* Polls from FROM; returns what counts as heard because of the answer. */
static struct handed *
poll_from(const struct scene *s, const char *from)
{
	struct catchup c = ask(s, from, 1);
	struct handed *handed;

	assert_int_equal(catchup_check(s->fixture->db, &c), DB_OK);
	assert_int_equal(catchup_enter(s->fixture->db, &c), DB_OK);
	assert_int_equal(catchup_answer(s->fixture->db, &c), DB_OK);
	assert_non_null(strstr(buf_str(&c.body), "hello"));
	handed = catchup_handed(s->fixture->db, &c);
	buf_done(&c.body);
	return handed;
}

static void
s5_7_an_answer_whose_loss_was_posted_counts_as_heard_when_it_is_repeated(
    void **state)
{
	static const char all[] = "rooms=lobby&as=json&cursor=earliest";
	struct scene s;
	struct chatter lee;
	struct message_draft m = { .content = "hello" };
	struct handed *handed;

	begin(&s, state);
	lee = make_member(s.fixture, &s.room, "lee");
	assert_int_equal(
	    act_send(s.fixture, &s.room, lee.user, &m, NULL), DB_OK);
	handed = poll_from(&s, all);
	assert_non_null(handed);
	/* Nothing is left that the same answer could count. */
	assert_null(poll_from(&s, all));
	catchup_post_unheard(s.fixture->store, handed);
	handed = poll_from(&s, all);
	assert_non_null(handed);
	assert_int_equal(handed->n, 1);
	free(handed);
}

static enum db_rc
forget(struct db *db, void *arg)
{
	const struct user_id *user = arg;

	return accounts_forget(db, *user);
}

/*
 * A person of the site asks with QUERY, and is deleted between two steps of the
 * request.
 */
static struct catchup
forgotten(struct scene *s, const struct buf *token, const char *query)
{
	struct catchup c = ask(s, query, 0);

	c.asked.token = buf_str(token);
	c.node = make_node(s->fixture, FIXTURE_LEASE);
	assert_int_equal(catchup_check(s->fixture->db, &c), DB_OK);
	assert_int_equal(c.needs, SUBSCRIPTION_MUST_ENTER);
	assert_int_equal(
	    db_write(s->fixture->db, forget, &c.caller.user), DB_OK);
	return c;
}

static void
s1_8_who_is_forgotten_between_check_and_presence_is_somebody_new(void **state)
{
	struct buf claims = BUF_INIT, token = BUF_INIT;
	struct user_id before;
	struct scene s;
	struct catchup c;

	begin(&s, state);
	assert_int_equal(site_set_up("HS256", site_secret, "", ""), 0);
	site_expand_times(&claims, "{\"sub\":\"kim\",\"exp\":@60}");
	site_sign(&token, site_hs256, buf_str(&claims), site_secret);
	/* Without rooms a new user is not refused. */
	c = forgotten(&s, &token, "as=sse");
	before = c.sub.user;
	c.sub.slot = 7;
	assert_int_equal(catchup_enter(s.fixture->db, &c), DB_OK);
	assert_int_not_equal(c.sub.user.n, before.n);
	assert_int_equal(c.sub.slot, 7);
	assert_true(c.sub.listener.n > 0);
	assert_int_equal(
	    act_join(s.fixture, &s.room, c.sub.user, "lee", &s.chatter), DB_OK);
	c = forgotten(&s, &token, "rooms=lobby&as=json");
	assert_int_equal(catchup_enter(s.fixture->db, &c), DB_CONFLICT);
	assert_int_equal(c.why, PROBLEM_NOT_IN_ROOM);
	buf_done(&claims);
	buf_done(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    p4_what_is_pruned_between_check_and_answer_is_told),
		FIXTURE_TEST(who_is_present_is_answered_by_the_check),
		FIXTURE_TEST(
		    s4_9_a_stream_that_is_answered_at_once_is_present_as_a_poll_is),
		FIXTURE_TEST(
		    s5_11_who_leaves_between_check_and_answer_hears_nothing_behind_it),
		FIXTURE_TEST(
		    s1_8_who_is_forgotten_between_check_and_presence_is_somebody_new),
		FIXTURE_TEST(
		    p4_answers_end_by_bytes_and_the_next_goes_on_there),
		FIXTURE_TEST(
		    s5_7_an_answer_whose_loss_was_posted_counts_as_heard_when_it_is_repeated),
		FIXTURE_TEST(
		    nothing_new_is_one_position_and_something_new_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
