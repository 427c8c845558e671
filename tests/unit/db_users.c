/* Users, and the tokens and tickets that identify them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/http/credentials.h"
#include "db/chat/accounts.h"
#include "db/chat/tickets.h"
#include "db/rows/users.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/make.h"
#include "tests/lib/write.h"

static enum db_rc
find_by_subject(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return accounts_meet(db, w->text, &w->user);
}

static enum db_rc
forget_user(struct db *db, void *arg)
{
	struct write_args *w = arg;

	return accounts_forget(db, w->user);
}

static void
a_token_is_its_users_and_nobody_elses(void **state)
{
	struct fixture *f = *state;
	struct write_args a = { .fixture = f }, b = { .fixture = f };
	struct user_id user;

	assert_int_equal(db_write(f->db, write_user, &a), DB_OK);
	assert_int_equal(db_write(f->db, write_user, &b), DB_OK);
	assert_int_equal(strlen(a.token.s), TOKEN_LEN);
	assert_string_not_equal(a.token.s, b.token.s);
	assert_int_equal(users_by_token(f->db, a.token.s, &user), DB_OK);
	assert_true(user.n == a.user.n);
	assert_int_equal(users_by_token(f->db, b.token.s, &user), DB_OK);
	assert_true(user.n == b.user.n);
}

static void
what_is_no_token_is_nobodys(void **state)
{
	struct fixture *f = *state;
	struct write_args a = { .fixture = f };
	struct user_id user;

	assert_int_equal(db_write(f->db, write_user, &a), DB_OK);
	a.token.s[7] = a.token.s[7] == 'x' ? 'y' : 'x';
	assert_int_equal(users_by_token(f->db, a.token.s, &user), DB_NONE);
	assert_int_equal(users_by_token(f->db, "", &user), DB_NONE);
	assert_int_equal(users_by_token(f->db, "1", &user), DB_NONE);
}

static const char *
bearer(const char *authorization, const char *parlor_token)
{
	struct request_headers h = { .authorization = authorization,
		.parlor_token = parlor_token };
	struct cors cors = { .cookie = 0 };

	return credentials_of(&h, &cors).token;
}

static void
a_token_is_found_in_either_header(void **state)
{
	static const struct {
		const char *authorization, *parlor_token, *token;
	} cases[] = {
		{ "Bearer abc", NULL, "abc" },
		{ "bearer abc", NULL, "abc" },
		{ "BEARER    abc", NULL, "abc" },
		{ "Bearer abc", "def", "abc" },
		{ "Basic abc", "def", "def" },
		{ "Bearerabc", "def", "def" },
		{ "Bearer", "def", "def" },
		{ NULL, "def", "def" },
		{ "", "def", "def" },
		{ "Bearer ", "def", "def" },
		{ "Bearer   ", NULL, NULL },
		{ "Basic abc", NULL, NULL },
		{ "", "", NULL },
		{ NULL, "", NULL },
		{ NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *token =
		    bearer(cases[i].authorization, cases[i].parlor_token);

		if (cases[i].token == NULL)
			assert_null(token);
		else
			assert_string_equal(token, cases[i].token);
	}
}

static void
a_token_with_more_behind_it_is_nobodys(void **state)
{
	struct fixture *f = *state;
	struct write_args a = { .fixture = f };
	struct buf header = BUF_INIT;
	struct user_id user;

	assert_int_equal(db_write(f->db, write_user, &a), DB_OK);
	buf_addf(&header, "Bearer %s", a.token.s);
	assert_int_equal(
	    users_by_token(f->db, bearer(buf_str(&header), NULL), &user),
	    DB_OK);
	buf_adds(&header, "x");
	assert_int_equal(
	    users_by_token(f->db, bearer(buf_str(&header), NULL), &user),
	    DB_NONE);
	buf_done(&header);
}

static void
a_user_is_shown_with_its_name_subject_and_time(void **state)
{
	struct fixture *f = *state;
	struct write_args w = { .fixture = f, .text = "say \"hi\"" };
	struct buf json = BUF_INIT;
	struct user_id user = make_user(f), by_name;
	int64_t unread = -1;
	char name[USER_NAME_LEN + 1];

	assert_int_equal(users_add_json(f->db, user, &json, &unread), DB_OK);
	assert_int_equal(unread, 0);
	assert_memory_equal(buf_str(&json), "{\"id\":\"", 7);
	assert_non_null(strstr(buf_str(&json), "\",\"subject\":null,\""));
	(void)snprintf(name, sizeof(name), "%s", buf_str(&json) + 7);
	assert_int_equal(users_by_name(f->db, name, &by_name), DB_OK);
	assert_true(by_name.n == user.n);
	assert_int_equal(users_by_name(f->db, "", &by_name), DB_NONE);
	assert_int_equal(db_write(f->db, find_by_subject, &w), DB_OK);
	buf_clear(&json);
	assert_int_equal(users_add_json(f->db, w.user, &json, &unread), DB_OK);
	assert_non_null(
	    strstr(buf_str(&json), "\"subject\":\"say \\\"hi\\\"\""));
	user.n += 100;
	assert_int_equal(users_add_json(f->db, user, &json, &unread), DB_NONE);
	buf_done(&json);
}

static void
a_subject_is_one_user_however_often_it_comes(void **state)
{
	struct fixture *f = *state;
	struct write_args a = { .fixture = f, .text = "kim" };
	struct write_args b = { .fixture = f, .text = "kim" };
	struct write_args c = { .fixture = f, .text = "Kim" };
	struct user_id user;

	assert_int_equal(users_by_subject(f->db, "kim", &user), DB_NONE);
	assert_int_equal(db_write(f->db, find_by_subject, &a), DB_OK);
	assert_int_equal(db_write(f->db, find_by_subject, &b), DB_OK);
	assert_int_equal(db_write(f->db, find_by_subject, &c), DB_OK);
	assert_true(a.user.n == b.user.n);
	assert_true(a.user.n != c.user.n);
	assert_int_equal(users_by_subject(f->db, "kim", &user), DB_OK);
	assert_true(a.user.n == user.n);
}

/* Makes a ticket for USER that is valid for a second. */
static void
make_ticket(struct fixture *f, struct user_id user, struct buf *text)
{
	struct ticket t = { user, fake_clock_wall + 1000, fake_clock_wall + 7 };

	assert_int_equal(tickets_make(f->db, &t, text), DB_OK);
}

static void
who_was_forgotten_is_known_by_nothing(void **state)
{
	struct fixture *f = *state;
	struct write_args a = { .fixture = f },
			  b = { .fixture = f, .text = "kim" };
	struct write_args again = { .fixture = f, .text = "kim" };
	struct buf text = BUF_INIT, json = BUF_INIT;
	int64_t head = eventlog_head(f), unread;
	struct user_id user;
	struct ticket t;

	assert_int_equal(db_write(f->db, write_user, &a), DB_OK);
	assert_int_equal(db_write(f->db, find_by_subject, &b), DB_OK);
	make_ticket(f, a.user, &text);
	assert_int_equal(db_write(f->db, forget_user, &a), DB_OK);
	assert_int_equal(db_write(f->db, forget_user, &b), DB_OK);
	assert_int_equal(users_by_token(f->db, a.token.s, &user), DB_NONE);
	assert_int_equal(tickets_check(f->db, buf_str(&text), &t), DB_NONE);
	assert_int_equal(users_by_subject(f->db, "kim", &user), DB_NONE);
	assert_int_equal(users_add_json(f->db, b.user, &json, &unread), DB_OK);
	assert_non_null(strstr(buf_str(&json), "\"subject\":null"));
	assert_int_equal(eventlog_count(f, head, "signed_out"), 2);
	assert_int_equal(db_write(f->db, find_by_subject, &again), DB_OK);
	assert_true(again.user.n != b.user.n);
	buf_done(&text);
	buf_done(&json);
}

static void
a_ticket_is_good_until_its_time(void **state)
{
	struct fixture *f = *state;
	struct user_id user = make_user(f);
	struct buf text = BUF_INIT;
	struct ticket t;

	make_ticket(f, user, &text);
	assert_int_equal(tickets_check(f->db, buf_str(&text), &t), DB_OK);
	assert_true(t.user.n == user.n);
	assert_true(t.ends == fake_clock_wall + 7);
	fake_clock_advance(1000);
	assert_int_equal(tickets_check(f->db, buf_str(&text), &t), DB_NONE);
	buf_done(&text);
}

static void
a_changed_ticket_is_refused_wherever_it_is_changed(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_INIT;
	struct ticket t;

	make_ticket(f, make_user(f), &text);
	for (size_t i = 0; i < text.len; i++) {
		char was = text.p[i];

		text.p[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(
		    tickets_check(f->db, buf_str(&text), &t), DB_NONE);
		text.p[i] = was;
	}
	buf_addc(&text, 'A');
	assert_int_equal(tickets_check(f->db, buf_str(&text), &t), DB_NONE);
	assert_int_equal(tickets_check(f->db, "", &t), DB_NONE);
	assert_int_equal(tickets_check(f->db, ".", &t), DB_NONE);
	buf_done(&text);
}

static void
a_ticket_of_another_store_is_refused(void **state)
{
	struct fixture *f = *state, *other;
	struct user_id user = make_user(f);
	struct buf text = BUF_INIT;
	struct ticket t;
	void *second;

	assert_int_equal(fixture_setup(&second), 0);
	other = second;
	assert_true(make_user(other).n == user.n);
	make_ticket(other, user, &text);
	assert_int_equal(tickets_check(f->db, buf_str(&text), &t), DB_NONE);
	buf_done(&text);
	(void)fixture_teardown(&second);
}

static void
names_of_rooms_are_read_strictly(void **state)
{
	static const char *const bad[] = { "", "ab", "-abc", "abc-", "Abc",
		"a b", "a_b", "a/b", "\303\244bc",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL };
	struct room_name name;

	(void)state;
	assert_int_equal(ids_read_room("abc", &name), 0);
	assert_string_equal(name.s, "abc");
	assert_int_equal(ids_read_room("a-2", &name), 0);
	for (int i = 0; bad[i] != NULL; i++)
		assert_int_equal(ids_read_room(bad[i], &name), -1);
	ids_make_room(&name);
	assert_int_equal(strlen(name.s), 26);
	assert_int_equal(ids_read_room(name.s, &name), 0);
}

static void
names_of_chatters_and_connections_are_read_strictly(void **state)
{
	struct chatter_name name;

	(void)state;
	ids_make_chatter(&name);
	assert_int_equal(ids_read_chatter(name.s, &name), 0);
	assert_int_equal(ids_read_chatter("abcdefghijklmnop", &name), 0);
	assert_int_equal(ids_read_chatter("abcdefghijklmno", &name), -1);
	assert_int_equal(ids_read_chatter("abcdefghijklmnop2", &name), -1);
	assert_int_equal(ids_read_chatter("abcdefghijklmno1", &name), -1);
	assert_int_equal(ids_check_conn("Tab_1-a"), 0);
	assert_int_equal(ids_check_conn(""), -1);
	assert_int_equal(ids_check_conn("a b"), -1);
	assert_int_equal(ids_check_conn("0123456789012345678901234567890123456"
					"7890123456789012345678901234"),
	    -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_token_is_its_users_and_nobody_elses),
		FIXTURE_TEST(what_is_no_token_is_nobodys),
		cmocka_unit_test(a_token_is_found_in_either_header),
		FIXTURE_TEST(a_token_with_more_behind_it_is_nobodys),
		FIXTURE_TEST(a_user_is_shown_with_its_name_subject_and_time),
		FIXTURE_TEST(a_subject_is_one_user_however_often_it_comes),
		FIXTURE_TEST(who_was_forgotten_is_known_by_nothing),
		FIXTURE_TEST(a_ticket_is_good_until_its_time),
		FIXTURE_TEST(
		    a_changed_ticket_is_refused_wherever_it_is_changed),
		FIXTURE_TEST(a_ticket_of_another_store_is_refused),
		FIXTURE_TEST(names_of_rooms_are_read_strictly),
		FIXTURE_TEST(
		    names_of_chatters_and_connections_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
