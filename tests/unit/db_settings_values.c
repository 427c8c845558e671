/* The values that a setting may have, from any source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <ctype.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/settings.h"
#include "tests/lib/settings_file.h"

enum way { BY_FILE, BY_ENVIRONMENT, BY_OPTION, BY_LEAST_OPTION, N_WAYS };

/* Sets NAME to VALUE in the way WAY, and loads. */
static int
give(struct settings *s, enum way way, const char *name, const char *value,
    struct buf *log)
{
	struct buf text = BUF_INIT;
	int n;

	settings_file_write("");
	if (way == BY_FILE) {
		buf_addf(&text, "%s = %s\n", name, value);
		settings_file_write(buf_str(&text));
	} else if (way == BY_ENVIRONMENT) {
		buf_adds(&text, "PARLOR_");
		for (const char *p = name; *p != '\0'; p++)
			buf_addc(&text, (char)toupper((unsigned char)*p));
		(void)setenv(buf_str(&text), value, 1);
	} else
		buf_addf(&text, "--%s%s=%s", way == BY_OPTION ? "" : "default-",
		    name, value);
	n = settings_file_load_logged(
	    s, way >= BY_OPTION ? buf_str(&text) : NULL, log);
	if (way == BY_ENVIRONMENT)
		(void)unsetenv(buf_str(&text));
	buf_done(&text);
	return n;
}

static const struct {
	const char *name;
	int64_t value, min, max;
	size_t offset;
} numbers[] = {
#define SETTING_TEXT(name, value, users, meaning)
#define SETTING_INT(name, value, min, max, unit, users, meaning) \
	{ #name, value, min, max, offsetof(struct settings, name) },
#include "db/base/settings.def"
#undef SETTING_TEXT
#undef SETTING_INT
};

enum { N_NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

/* Each is refused for its form; the number in it is allowed. */
static const char *const forms[] = { "%ldx", "%ldms", "%ld.0", "%lde0", "+%ld",
	"%ld-", "%ld%%", "0x%ld", "x%ld", "%ld,0", "%ld_0" };

static void
refuse_forms(int64_t good, const char *name)
{
	struct buf log = BUF_INIT;
	struct settings s;
	char value[64];

	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++)
		for (enum way way = 0; way < N_WAYS; way++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			(void)snprintf(value, sizeof(value), forms[f], good);
#pragma GCC diagnostic pop
			if (give(&s, way, name, value, &log) != -1)
				fail_msg("taken: %s = %s", name, value);
			settings_file_assert_logged(
			    &log, "setting is not a whole number");
			settings_file_assert_logged(&log, name);
		}
	buf_done(&log);
}

static void
E6_a_number_with_letters_is_no_setting_whichever_and_wherever(void **state)
{
	struct buf log = BUF_INIT;
	struct settings s;
	char value[32];

	(void)state;
	for (size_t i = 0; i < N_NUMBERS; i++) {
		(void)snprintf(
		    value, sizeof(value), "%" PRId64, numbers[i].value);
		for (enum way way = 0; way < N_WAYS; way++)
			assert_int_equal(
			    give(&s, way, numbers[i].name, value, &log), 1);
		refuse_forms(numbers[i].value, numbers[i].name);
	}
	buf_done(&log);
}

static void
check_bound(size_t i, const char *value, const char *words)
{
	struct buf log = BUF_INIT;
	struct settings s;

	for (enum way way = 0; way < N_WAYS; way++) {
		int n = give(&s, way, numbers[i].name, value, &log);

		assert_int_equal(n, words == NULL ? 1 : -1);
		if (words != NULL)
			settings_file_assert_logged(&log, words);
	}
	buf_done(&log);
}

static void
D4_every_number_has_its_bounds_and_nothing_beyond_them(void **state)
{
	static const char *const large[] = { "4294967296000000",
		"9223372036854775808", "18446744073709551616",
		"18446744073709552116", "99999999999999999999999" };
	char value[32];

	(void)state;
	for (size_t i = 0; i < N_NUMBERS; i++) {
		(void)snprintf(
		    value, sizeof(value), "%" PRId64, numbers[i].min);
		check_bound(i, value, NULL);
		(void)snprintf(
		    value, sizeof(value), "%" PRId64, numbers[i].min - 1);
		check_bound(i, value, "setting is too small");
		(void)snprintf(
		    value, sizeof(value), "%" PRId64, numbers[i].max);
		check_bound(i, value, NULL);
		(void)snprintf(
		    value, sizeof(value), "%" PRId64, numbers[i].max + 1);
		check_bound(i, value, "setting is too large");
		for (size_t k = 0; k < sizeof(large) / sizeof(large[0]); k++)
			check_bound(i, large[k], "setting is too large");
		check_bound(i, "-99999999999999999999", "setting is too small");
		check_bound(i, "", "setting has no value");
	}
}

static void
D4_a_directory_may_not_be_blank_but_other_texts_may(void **state)
{
	struct buf log = BUF_INIT;
	struct settings s;

	(void)state;
	for (enum way way = 0; way < N_WAYS; way++) {
		assert_int_equal(give(&s, way, "data", "", &log), -1);
		settings_file_assert_logged(&log, "setting has no value");
		assert_int_equal(give(&s, way, "www", "", &log), -1);
		assert_int_equal(give(&s, way, "listen", "", &log), 1);
		assert_int_equal(give(&s, way, "reserved_names", "", &log), 1);
	}
	buf_done(&log);
}

static void
a_tilde_means_the_home_directory(void **state)
{
	const struct passwd *me = getpwuid(geteuid());
	struct buf wanted = BUF_INIT, log = BUF_INIT;
	struct settings s;

	(void)state;
	assert_non_null(me);
	buf_addf(&wanted, "%s/parlor-data", me->pw_dir);
	assert_int_not_equal(
	    give(&s, BY_FILE, "data", "~/parlor-data", &log), -1);
	assert_string_equal(s.data, buf_str(&wanted));
	/* No directory, so it is taken as it is. */
	assert_int_not_equal(
	    give(&s, BY_FILE, "jwt_audience", "~/parlor", &log), -1);
	assert_string_equal(s.jwt_audience, "~/parlor");
	buf_done(&wanted);
	buf_done(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_FILE_TEST(a_tilde_means_the_home_directory),
		SETTINGS_FILE_TEST(
		    E6_a_number_with_letters_is_no_setting_whichever_and_wherever),
		SETTINGS_FILE_TEST(
		    D4_every_number_has_its_bounds_and_nothing_beyond_them),
		SETTINGS_FILE_TEST(
		    D4_a_directory_may_not_be_blank_but_other_texts_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
