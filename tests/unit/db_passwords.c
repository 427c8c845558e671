/* Passwords of rooms: hashing, checking, and how many are checked at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "db/base/buf.h"
#include "db/chat/passwords.h"

static void
a_password_is_1_to_128_bytes(void **state)
{
	char text[130];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[129] = '\0';
	assert_non_null(passwords_check(text));
	text[128] = '\0';
	assert_null(passwords_check(text));
	text[1] = '\0';
	assert_null(passwords_check(text));
	text[0] = '\0';
	assert_non_null(passwords_check(text));
}

static void
a_hash_is_argon2id_and_salted_and_fits_its_text_alone(void **state)
{
	struct buf one = BUF_INIT, other = BUF_INIT;

	(void)state;
	assert_int_equal(passwords_hash("sesame", &one), DB_OK);
	assert_int_equal(passwords_hash("sesame", &other), DB_OK);
	assert_memory_equal(one.p, "$argon2id$v=19$m=16384,t=2,", 27);
	assert_string_not_equal(one.p, other.p);
	assert_int_equal(passwords_verify("sesame", one.p), DB_OK);
	assert_int_equal(passwords_verify("sesame", other.p), DB_OK);
	assert_int_equal(passwords_verify("Sesame", one.p), DB_NONE);
	assert_int_equal(passwords_verify("sesame ", one.p), DB_NONE);
	assert_int_equal(passwords_verify("sesame", "no hash"), DB_NONE);
	buf_done(&one);
	buf_done(&other);
}

static void
two_spellings_of_a_text_are_one_password(void **state)
{
	struct buf hash = BUF_INIT;

	(void)state;
	assert_int_equal(passwords_hash("\ud55c\uad6d", &hash), DB_OK);
	assert_int_equal(
	    passwords_verify("\u1112\u1161\u11ab\u1100\u116e\u11a8", hash.p),
	    DB_OK);
	buf_done(&hash);
}

enum { CROWD = 60 };

struct crowd {
	const char *hash;
	pthread_barrier_t together;
	_Atomic int right, busy, other;
};

static void *
guess(void *arg)
{
	struct crowd *c = arg;
	enum db_rc rc;

	(void)pthread_barrier_wait(&c->together);
	rc = passwords_verify("sesame", c->hash);
	atomic_fetch_add(rc == DB_OK ? &c->right :
		rc == DB_BUSY        ? &c->busy :
				       &c->other,
	    1);
	return NULL;
}

static void
come_together(struct crowd *c)
{
	pthread_t threads[CROWD];

	assert_int_equal(pthread_barrier_init(&c->together, NULL, CROWD), 0);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, guess, c), 0);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(pthread_barrier_destroy(&c->together), 0);
}

/* On a busy machine a crowd may come one after the other. */
static void
of_a_crowd_ten_are_served_and_the_others_told_at_once(void **state)
{
	enum { SERVED = 10, CROWDS = 50 };
	struct buf hash = BUF_INIT;
	struct crowd c;

	(void)state;
	assert_int_equal(passwords_hash("sesame", &hash), DB_OK);
	for (int i = 0; i < CROWDS; i++) {
		c = (struct crowd){ .hash = hash.p };
		come_together(&c);
		assert_int_equal(c.right + c.busy, CROWD);
		assert_true(c.right >= SERVED);
		if (c.busy > 0)
			break;
	}
	assert_true(c.busy > 0);
	assert_int_equal(passwords_verify("sesame", hash.p), DB_OK);
	buf_done(&hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_is_1_to_128_bytes),
		cmocka_unit_test(
		    a_hash_is_argon2id_and_salted_and_fits_its_text_alone),
		cmocka_unit_test(two_spellings_of_a_text_are_one_password),
		cmocka_unit_test(
		    of_a_crowd_ten_are_served_and_the_others_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
