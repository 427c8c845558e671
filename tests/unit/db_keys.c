/* Service keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/accounts.h"
#include "db/chat/key_words.h"
#include "db/rows/users.h"
#include "tests/lib/eventlog.h"
#include "tests/lib/fixture.h"

struct making {
	const char *name;
	unsigned scopes;
	struct key_text text;
};

static enum db_rc
add_key(struct db *db, void *arg)
{
	struct making *m = arg;

	return accounts_add_key(db, m->name, m->scopes, &m->text);
}

static enum db_rc
revoke_key(struct db *db, void *arg)
{
	struct making *m = arg;

	return accounts_revoke_key(db, m->name);
}

static void
a_key_is_found_by_its_text_with_its_scopes_and_a_user_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct making a = { "shop", KEY_ROOMS | KEY_ALERTS, { "" } };
	struct making b = { "blog", KEY_NOTIFICATIONS, { "" } };
	struct service_key one, other;

	assert_int_equal(db_write(f->db, add_key, &a), DB_OK);
	assert_int_equal(db_write(f->db, add_key, &b), DB_OK);
	assert_int_equal(strlen(a.text.s), KEY_LEN);
	assert_memory_equal(a.text.s, "pk_", KEY_PREFIX_LEN);
	assert_int_equal(keys_find(f->db, a.text.s, &one), DB_OK);
	assert_int_equal(keys_find(f->db, b.text.s, &other), DB_OK);
	assert_int_equal(one.scopes, KEY_ROOMS | KEY_ALERTS);
	assert_int_equal(other.scopes, KEY_NOTIFICATIONS);
	assert_true(one.user.n != other.user.n);
	assert_true(one.id.n != other.id.n);
}

static void
what_is_no_key_is_nobodys(void **state)
{
	struct fixture *f = *state;
	struct making a = { "shop", KEY_ROOMS, { "" } };
	struct service_key key;
	struct user_id user;

	assert_int_equal(db_write(f->db, add_key, &a), DB_OK);
	assert_int_equal(
	    users_by_token(f->db, a.text.s + KEY_PREFIX_LEN, &user), DB_NONE);
	assert_int_equal(
	    keys_find(f->db, a.text.s + KEY_PREFIX_LEN, &key), DB_NONE);
	a.text.s[9] = a.text.s[9] == 'x' ? 'y' : 'x';
	assert_int_equal(keys_find(f->db, a.text.s, &key), DB_NONE);
	assert_int_equal(keys_find(f->db, "", &key), DB_NONE);
	assert_int_equal(keys_find(f->db, "pk_", &key), DB_NONE);
}

static void
a_name_is_given_once_even_after_the_key_was_revoked(void **state)
{
	struct fixture *f = *state;
	struct making a = { "shop", KEY_ROOMS, { "" } };
	struct making again = { "shop", KEY_ALERTS, { "" } };
	struct service_key key;

	assert_int_equal(db_write(f->db, add_key, &a), DB_OK);
	assert_int_equal(db_write(f->db, add_key, &again), DB_CONFLICT);
	assert_int_equal(keys_find(f->db, a.text.s, &key), DB_OK);
	assert_int_equal(db_write(f->db, revoke_key, &a), DB_OK);
	assert_int_equal(db_write(f->db, add_key, &again), DB_CONFLICT);
}

static void
a_revoked_key_is_good_for_nothing_and_its_streams_end(void **state)
{
	struct fixture *f = *state;
	struct making a = { "shop", KEY_ROOMS, { "" } };
	int64_t head = eventlog_head(f);
	struct service_key key;

	assert_int_equal(db_write(f->db, revoke_key, &a), DB_NONE);
	assert_int_equal(db_write(f->db, add_key, &a), DB_OK);
	assert_int_equal(db_write(f->db, revoke_key, &a), DB_OK);
	assert_int_equal(keys_find(f->db, a.text.s, &key), DB_NONE);
	assert_int_equal(eventlog_count(f, head, "signed_out"), 1);
	assert_int_equal(db_write(f->db, revoke_key, &a), DB_NONE);
}

static void
put_line(const struct key_line *line, void *arg)
{
	buf_addf(arg, "%s: ", line->name);
	key_words_add_scopes(line->scopes, arg);
	buf_addf(arg, " %d\n", line->revoked != 0);
}

static void
all_keys_are_listed_by_name_and_none_of_them_told(void **state)
{
	struct fixture *f = *state;
	struct making a = { "shop", KEY_ROOMS | KEY_NOTIFICATIONS, { "" } };
	struct making b = { "blog", KEY_ALERTS, { "" } };
	struct buf lines = BUF_INIT;

	assert_int_equal(db_write(f->db, add_key, &a), DB_OK);
	assert_int_equal(db_write(f->db, add_key, &b), DB_OK);
	assert_int_equal(db_write(f->db, revoke_key, &b), DB_OK);
	assert_int_equal(keys_each(f->db, put_line, &lines), DB_OK);
	assert_string_equal(
	    buf_str(&lines), "blog: alerts 1\nshop: rooms notifications 0\n");
	buf_done(&lines);
}

static void
names_and_scopes_are_read_strictly(void **state)
{
	static const char *const bad[] = { "", "A", "a b", "a/b", "\303\244",
		"12345678901234567890123456789012345678901", NULL };

	(void)state;
	assert_true(key_words_name_ok("shop-2.eu_west"));
	for (int i = 0; bad[i] != NULL; i++)
		assert_false(key_words_name_ok(bad[i]));
	assert_int_equal(key_words_scope("rooms"), KEY_ROOMS);
	assert_int_equal(key_words_scope("alerts"), KEY_ALERTS);
	assert_int_equal(key_words_scope("notifications"), KEY_NOTIFICATIONS);
	assert_int_equal(key_words_scope("Rooms"), 0);
	assert_int_equal(key_words_scope(""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
		    a_key_is_found_by_its_text_with_its_scopes_and_a_user_of_its_own),
		FIXTURE_TEST(what_is_no_key_is_nobodys),
		FIXTURE_TEST(
		    a_name_is_given_once_even_after_the_key_was_revoked),
		FIXTURE_TEST(
		    a_revoked_key_is_good_for_nothing_and_its_streams_end),
		FIXTURE_TEST(all_keys_are_listed_by_name_and_none_of_them_told),
		cmocka_unit_test(names_and_scopes_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
