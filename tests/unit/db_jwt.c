/* Tokens of the embedding site, good, bad and hostile; and who calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sodium.h>

#include "api/http/credentials.h"
#include "db/chat/jwts.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/fixture.h"
#include "tests/lib/site.h"
#include "tests/lib/write.h"

static int
is_good(const char *head, const char *claims, const char *key, struct claims *c)
{
	struct buf token = BUF_INIT, text = BUF_INIT;
	int rc;

	site_expand_times(&text, claims);
	site_sign(&token, head, buf_str(&text), key);
	rc = jwts_read(buf_str(&token), token.len, c);
	buf_done(&token);
	buf_done(&text);
	return rc == 0;
}

static void
a_token_is_its_subjects_until_it_expires(void **state)
{
	struct claims c;

	(void)state;
	assert_int_equal(site_set_up("HS256", site_secret, "", ""), 0);
	assert_true(is_good(site_hs256,
	    "{\"sub\":\"u1\",\"exp\":@5,\"name\":\"Kim\"}", site_secret, &c));
	assert_string_equal(c.subject, "u1");
	assert_string_equal(c.nickname, "Kim");
	assert_true(c.expires == site_in_seconds(5));
	assert_true(is_good(site_hs256,
	    "{\"sub\":\"u1\",\"exp\":@5,\"name\":\"b\\u200bad\"}", site_secret,
	    &c));
	assert_string_equal(c.nickname, "");
}

static void
what_a_token_says_decides_whether_it_is_good(void **state)
{
	static const struct {
		const char *claims;
		int good;
	} cases[] = {
		{ "{\"sub\":\"u\",\"exp\":@9,\"aud\":\"me\",\"iss\":\"site\"}",
		    1 },
		{ "{\"sub\":\"u\",\"exp\":@9,\"aud\":[\"x\",\"me\"],"
		  "\"iss\":\"site\",\"nbf\":@0}",
		    1 },
		{ "{\"sub\":\"u\",\"exp\":@0,\"aud\":\"me\",\"iss\":\"site\"}",
		    0 },
		{ "{\"sub\":\"u\",\"aud\":\"me\",\"iss\":\"site\"}", 0 },
		{ "{\"sub\":\"u\",\"exp\":\"@9\",\"aud\":\"me\","
		  "\"iss\":\"site\"}",
		    0 },
		{ "{\"sub\":\"u\",\"exp\":1e300,\"aud\":\"me\","
		  "\"iss\":\"site\"}",
		    0 },
		{ "{\"sub\":\"u\",\"exp\":-1,\"aud\":\"me\","
		  "\"iss\":\"site\"}",
		    0 },
		{ "{\"sub\":\"u\",\"exp\":@9,\"aud\":\"me\","
		  "\"iss\":\"site\",\"nbf\":@1}",
		    0 },
		{ "{\"sub\":\"u\",\"exp\":@9,\"aud\":\"me\","
		  "\"iss\":\"site\",\"nbf\":\"x\"}",
		    0 },
		{ "{\"sub\":\"u\",\"exp\":@9,\"iss\":\"site\"}", 0 },
		{ "{\"sub\":\"u\",\"exp\":@9,\"aud\":\"you\","
		  "\"iss\":\"site\"}",
		    0 },
		{ "{\"sub\":\"u\",\"exp\":@9,\"aud\":[\"you\",7],"
		  "\"iss\":\"site\"}",
		    0 },
		{ "{\"sub\":\"u\",\"exp\":@9,\"aud\":{\"me\":1},"
		  "\"iss\":\"site\"}",
		    0 },
		{ "{\"sub\":\"u\",\"exp\":@9,\"aud\":\"me\"}", 0 },
		{ "{\"sub\":\"u\",\"exp\":@9,\"aud\":\"me\",\"iss\":\"x\"}",
		    0 },
		{ "{\"exp\":@9,\"aud\":\"me\",\"iss\":\"site\"}", 0 },
		{ "{\"sub\":\"\",\"exp\":@9,\"aud\":\"me\","
		  "\"iss\":\"site\"}",
		    0 },
		{ "{\"sub\":7,\"exp\":@9,\"aud\":\"me\",\"iss\":\"site\"}", 0 },
		{ "[]", 0 },
		{ "7", 0 },
		{ "", 0 },
		{ "{", 0 },
	};
	struct claims c;

	(void)state;
	assert_int_equal(site_set_up("HS256", site_secret, "me", "site"), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (is_good(site_hs256, cases[i].claims, site_secret, &c) !=
		    cases[i].good)
			fail_msg("%s", cases[i].claims);
}

static void
a_subject_has_1_to_255_bytes(void **state)
{
	struct buf claims = BUF_INIT;
	struct claims c;

	(void)state;
	assert_int_equal(site_set_up("HS256", site_secret, "", ""), 0);
	for (size_t len = SUBJECT_MAX; len <= SUBJECT_MAX + 1; len++) {
		buf_clear(&claims);
		buf_adds(&claims, "{\"exp\":@9,\"sub\":\"");
		for (size_t i = 0; i < len; i++)
			buf_addc(&claims, 'x');
		buf_adds(&claims, "\"}");
		assert_int_equal(
		    is_good(site_hs256, buf_str(&claims), site_secret, &c),
		    len == SUBJECT_MAX);
	}
	buf_done(&claims);
}

static void
only_the_configured_algorithm_and_key_are_taken(void **state)
{
	static const char good[] = "{\"sub\":\"u\",\"exp\":@9}";
	static const char *const heads[] = { "{\"alg\":\"none\"}",
		"{\"alg\":\"None\"}", "{\"alg\":\"HS384\"}",
		"{\"alg\":\"HS512\"}", "{\"alg\":\"RS256\"}",
		"{\"alg\":\"ES256\"}", "{\"alg\":\"\"}", "{\"alg\":7}", "{}",
		"[]", "", "{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}",
		NULL };
	struct claims c;

	(void)state;
	assert_int_equal(site_set_up("HS256", site_secret, "", ""), 0);
	assert_true(is_good(site_hs256, good, site_secret, &c));
	for (int i = 0; heads[i] != NULL; i++)
		if (is_good(heads[i], good, site_secret, &c))
			fail_msg("%s", heads[i]);
	assert_false(is_good(site_hs256, good, "another", &c));
	assert_false(is_good(site_hs256, good, "", &c));
}

static void
a_public_key_is_no_secret_to_sign_with(void **state)
{
	static const char good[] = "{\"sub\":\"u\",\"exp\":@9}";
	static const char pem[] =
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9"
	    "\nq9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n"
	    "-----END PUBLIC KEY-----";
	struct claims c;

	(void)state;
	assert_int_equal(site_set_up("ES256", pem, "", ""), 0);
	assert_false(is_good(site_hs256, good, pem, &c));
	assert_false(is_good("{\"alg\":\"ES256\"}", good, pem, &c));
	assert_int_equal(site_set_up("RS256", pem, "", ""), 0);
	assert_false(is_good(site_hs256, good, pem, &c));
	assert_false(is_good("{\"alg\":\"none\"}", good, pem, &c));
}

static void
settings_that_make_no_sense_are_refused(void **state)
{
	struct claims c;

	(void)state;
	assert_int_equal(site_set_up("none", site_secret, "", ""), -1);
	assert_int_equal(site_set_up("hs256", site_secret, "", ""), -1);
	assert_int_equal(site_set_up("HS256", "too short", "", ""), -1);
	assert_int_equal(
	    site_set_up("HS256", "-----BEGIN PUBLIC KEY-----xxxxxxxxx", "", ""),
	    -1);
	assert_int_equal(site_set_up("RS256", site_secret, "", ""), -1);
	assert_int_equal(
	    site_set_up("RS256", "-----BEGIN RSA PRIVATE KEY-----", "", ""),
	    -1);
	assert_false(
	    is_good(site_hs256, "{\"sub\":\"u\",\"exp\":@9}", site_secret, &c));
	assert_int_equal(site_set_up("", site_secret, "", ""), 0);
	assert_false(
	    is_good(site_hs256, "{\"sub\":\"u\",\"exp\":@9}", site_secret, &c));
}

static void
a_hostile_token_is_refused_however_it_is_spoilt(void **state)
{
	struct buf good = BUF_INIT, text = BUF_INIT;
	struct claims c;

	(void)state;
	assert_int_equal(site_set_up("HS256", site_secret, "", ""), 0);
	site_expand_times(&text, "{\"sub\":\"u\",\"exp\":@9}");
	site_sign(&good, site_hs256, buf_str(&text), site_secret);
	assert_int_equal(jwts_read(buf_str(&good), good.len, &c), 0);
	for (size_t i = 0; i < good.len; i++) {
		static const char others[] = "A_.=+/ %\"\x80\xff";
		char was = good.p[i];

		/* Some bits of the last letter are unused. */
		for (const char *p = others; *p != '\0'; p++) {
			good.p[i] = *p;
			if (*p != was && i + 1 < good.len)
				assert_int_equal(
				    jwts_read(good.p, good.len, &c), -1);
		}
		good.p[i] = was;
		if (i + 1 < good.len)
			assert_int_equal(jwts_read(good.p, i, &c), -1);
	}
	buf_addc(&good, '.');
	assert_int_equal(jwts_read(good.p, good.len, &c), -1);
	while (good.len <= JWT_MAX)
		buf_addc(&good, 'A');
	assert_int_equal(jwts_read(good.p, good.len, &c), -1);
	buf_done(&good);
	buf_done(&text);
}

/* Pseudo-random numbers, the same in each run. */
static uint32_t
dice(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void
noise_in_the_form_of_a_token_is_refused(void **state)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct buf noise = BUF_INIT;
	uint32_t seed = 7;
	struct claims c;

	(void)state;
	assert_int_equal(site_set_up("HS256", site_secret, "", ""), 0);
	for (int round = 0; round < 5000; round++) {
		uint32_t parts = 1 + dice(&seed) % 4;

		buf_clear(&noise);
		if (round % 2 == 0)
			site_add_part(&noise, site_hs256, strlen(site_hs256));
		for (uint32_t i = 0; i < parts; i++) {
			buf_addc(&noise, '.');
			for (uint32_t n = dice(&seed) % 90; n > 0; n--)
				buf_addc(&noise, letters[dice(&seed) % 64]);
		}
		assert_int_equal(jwts_read(noise.p, noise.len, &c), -1);
	}
	buf_done(&noise);
}

/*
 * Reads the credentials as a request does. DB_NONE: they are good, but the user
 * is new.
 */
static enum db_rc
who(struct fixture *f, const struct credentials *sent, struct caller *c)
{
	enum problem why;
	enum db_rc rc;

	credentials_read(sent, c);
	rc = credentials_know(f->db, c, &why);
	if (rc == DB_CONFLICT && c->unseen)
		return DB_NONE;
	return rc;
}

static void
the_first_credential_that_is_there_decides(void **state)
{
	struct fixture *f = *state;
	struct write_args a = { .fixture = f }, b = { .fixture = f };
	struct credentials sent = { .token = NULL };
	struct buf cookie = BUF_INIT;
	struct caller c;

	assert_int_equal(db_write(f->db, write_user, &a), DB_OK);
	assert_int_equal(db_write(f->db, write_user, &b), DB_OK);
	assert_int_equal(who(f, &sent, &c), DB_CONFLICT);
	assert_int_equal(c.type, CALLER_NOBODY);
	buf_addf(&cookie, "x=1; xparlor_token=%s; parlor_token=%s; y=2",
	    a.token.s, b.token.s);
	sent.cookie = buf_str(&cookie);
	assert_int_equal(who(f, &sent, &c), DB_OK);
	assert_true(c.by_cookie && c.user.n == b.user.n);
	sent.token = a.token.s;
	assert_int_equal(who(f, &sent, &c), DB_OK);
	assert_true(!c.by_cookie && c.user.n == a.user.n);
	sent =
	    (struct credentials){ .ticket = "x.y", .cookie = buf_str(&cookie) };
	assert_int_equal(who(f, &sent, &c), DB_CONFLICT);
	sent = (struct credentials){ .cookie = "parlor_token=; a" };
	assert_int_equal(who(f, &sent, &c), DB_CONFLICT);
	assert_int_equal(c.type, CALLER_NOBODY);
	buf_done(&cookie);
}

/* The key "pk_" and 43 of the letter A, behind a name. */
#define KEY_A "pk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
static const struct {
	const char *authorization;
	int is_key;
} basics[] = {
	{ "Basic OnBrX0FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
	    1 },
	{ "basic eDpwa19BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB",
	    1 },
	{ "Basic", 0 },
	{ "Basic ", 0 },
	{ "Basic ????", 0 },
	{ "Basic eDp5", 0 }, /* x:y */
	{ "Basic eA==", 0 }, /* x */
	/* Without a colon, and with a byte behind the key. */
	{ "Basic cGtfQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ==",
	    0 },
	{ "Basic OnBrX0FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEA",
	    0 },
};
enum { N_BASICS = sizeof(basics) / sizeof(basics[0]) };

static void
a_password_counts_only_if_it_has_the_form_of_a_key(void **state)
{
	struct cors cors = { .cookie = 1 }, other_site = { .cookie = 0 };

	(void)state;
	for (int i = 0; i < N_BASICS; i++) {
		struct request_headers h = { .authorization =
						 basics[i].authorization };
		struct credentials sent = credentials_of(&h, &cors);
		const char *token = credentials_token(&sent);

		if (basics[i].is_key)
			assert_string_equal(token, KEY_A);
		else
			assert_null(token);
		sent = credentials_of(&h, &other_site);
		assert_null(credentials_token(&sent));
		h.parlor_token = "first";
		sent = credentials_of(&h, &cors);
		assert_string_equal(credentials_token(&sent), "first");
	}
}

static void
who_the_site_names_is_made_once_and_gone_when_the_token_expires(void **state)
{
	struct fixture *f = *state;
	struct buf token = BUF_INIT, text = BUF_INIT;
	struct credentials sent = { .token = NULL };
	struct caller c, again;
	enum problem why;

	assert_int_equal(site_set_up("HS256", site_secret, "", ""), 0);
	site_expand_times(&text, "{\"sub\":\"u9\",\"exp\":@5}");
	site_sign(&token, site_hs256, buf_str(&text), site_secret);
	sent.token = buf_str(&token);
	assert_int_equal(who(f, &sent, &c), DB_NONE);
	assert_int_equal(credentials_meet(f->db, &c), DB_OK);
	assert_int_equal(who(f, &sent, &again), DB_OK);
	assert_true(again.user.n == c.user.n);
	assert_true(again.expires == site_in_seconds(5));
	fake_clock_advance(5000);
	assert_int_equal(credentials_know(f->db, &again, &why), DB_CONFLICT);
	assert_int_equal(why, PROBLEM_TOKEN_INVALID);
	buf_done(&token);
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_token_is_its_subjects_until_it_expires),
		FIXTURE_TEST(what_a_token_says_decides_whether_it_is_good),
		FIXTURE_TEST(a_subject_has_1_to_255_bytes),
		FIXTURE_TEST(only_the_configured_algorithm_and_key_are_taken),
		FIXTURE_TEST(a_public_key_is_no_secret_to_sign_with),
		FIXTURE_TEST(settings_that_make_no_sense_are_refused),
		FIXTURE_TEST(a_hostile_token_is_refused_however_it_is_spoilt),
		FIXTURE_TEST(noise_in_the_form_of_a_token_is_refused),
		FIXTURE_TEST(the_first_credential_that_is_there_decides),
		FIXTURE_TEST(
		    a_password_counts_only_if_it_has_the_form_of_a_key),
		FIXTURE_TEST(
		    who_the_site_names_is_made_once_and_gone_when_the_token_expires),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
