/* What the operator decides: file, then environment, then options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <ctype.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/settings.h"
#include "tests/lib/tmpdir.h"

static char dir[TMPDIR_SIZE];
static char conf[96];

static int
setup(void **state)
{
	(void)state;
	tmpdir_make(dir);
	(void)snprintf(conf, sizeof(conf), "%s/parlor.conf", dir);
	(void)unsetenv("PARLOR_HB_MS");
	(void)unsetenv("PARLOR_DATA");
	(void)setenv("PARLOR_CONF", conf, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tmpdir_remove(dir);
	return 0;
}

static void
write_conf(const char *text)
{
	FILE *f = fopen(conf, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
load(struct settings *s, const char *a, const char *b, const char *c)
{
	const char *words[] = { "parlor", a, b, c, NULL };
	char *argv[5] = { NULL };
	int argc = 0;

	for (; words[argc] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	return settings_load(s, argc, argv);
}

static void
what_nobody_set_has_its_default(void **state)
{
	struct settings s;

	(void)state;
	write_conf("");
	assert_int_equal(load(&s, NULL, NULL, NULL), 1);
	assert_string_equal(s.data, "var");
	assert_int_equal(s.hb_ms, 5000);
	assert_int_equal(s.retry_ms, 2000);
	assert_int_equal(s.replay_max, 10000);
}

static void
the_file_may_have_comments_blank_lines_and_white_space(void **state)
{
	struct settings s;

	(void)state;
	write_conf("# a comment\n\n  hb_ms =  500  \r\n\tdata=/a b/c\n"
		   "retry_ms = 7");
	assert_int_equal(load(&s, NULL, NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 500);
	assert_string_equal(s.data, "/a b/c");
	assert_int_equal(s.retry_ms, 7);
}

static void
environment_wins_over_the_file_and_an_option_over_both(void **state)
{
	struct settings s;

	(void)state;
	write_conf("hb_ms = 500\ndata = from-file\n");
	(void)setenv("PARLOR_HB_MS", "600", 1);
	assert_int_equal(load(&s, NULL, NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 600);
	assert_string_equal(s.data, "from-file");
	assert_int_equal(load(&s, "--hb_ms=700", NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 700);
	assert_int_equal(load(&s, "--hb_ms", "800", NULL), 1);
	assert_int_equal(s.hb_ms, 800);
}

static void
what_is_no_setting_stays_for_the_program_in_its_order(void **state)
{
	char a[] = "parlor", b[] = "room", c[] = "--data", d[] = "x",
	     e[] = "create", f[] = "--title=t",
	     *argv[] = { a, b, c, d, e, f, NULL };
	struct settings s;

	(void)state;
	write_conf("");
	assert_int_equal(settings_load(&s, 6, argv), 4);
	assert_string_equal(s.data, "x");
	assert_string_equal(argv[1], "room");
	assert_string_equal(argv[2], "create");
	assert_string_equal(argv[3], "--title=t");
}

static const char *const wrong_files[] = { "hb_ms\n", "nothing = 1\n",
	"hb_ms = \n", "hb_ms = x\n", "hb_ms = 500x\n", "hb_ms = 49\n",
	"hb_ms = 600001\n", "hb_ms = 99999999999999999999\n", "hb_ms = -1\n",
	"= 5\n", "hb_ms : 5\n" };

static const char *const wrong_options[] = { "--hb_ms=", "--hb_ms=x",
	"--hb_ms=500x", "--hb_ms=0", "--hb_ms", "--threads=257" };

/* What is said on stderr while ACT runs, in SAID. */
static int
listening(struct buf *said, int (*act)(struct settings *, const char *),
    struct settings *s, const char *arg)
{
	int saved = dup(STDERR_FILENO), log = memfd_create("log", MFD_CLOEXEC);
	off_t len;
	int n;

	assert_true(saved >= 0 && log >= 0);
	(void)dup2(log, STDERR_FILENO);
	n = act(s, arg);
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	buf_clear(said);
	len = lseek(log, 0, SEEK_CUR);
	assert_int_equal(
	    pread(log, buf_space(said, (size_t)len), (size_t)len, 0), len);
	said->len = (size_t)len;
	said->p[len] = '\0';
	(void)close(log);
	return n;
}

static int
load_with(struct settings *s, const char *option)
{
	return load(s, option, NULL, NULL);
}

static int
tell_overruled(struct settings *s, const char *option)
{
	int n = load(s, option, NULL, NULL);

	settings_log_overruled();
	return n;
}

static int
quietly(struct settings *s, const char *option)
{
	struct buf said = BUF_INIT;
	int n = listening(&said, load_with, s, option);

	buf_done(&said);
	return n;
}

static void
check_said(const struct buf *said, const char *words)
{
	if (strstr(buf_str(said), words) == NULL)
		fail_msg("not \"%s\": %s", words, buf_str(said));
}

static void
a_wrong_setting_stops_the_program_wherever_it_stands(void **state)
{
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong_files) / sizeof(wrong_files[0]);
	     i++) {
		write_conf(wrong_files[i]);
		if (quietly(&s, NULL) != -1)
			fail_msg("taken: %s", wrong_files[i]);
	}
	write_conf("");
	for (size_t i = 0; i < sizeof(wrong_options) / sizeof(wrong_options[0]);
	     i++)
		if (quietly(&s, wrong_options[i]) != -1)
			fail_msg("taken: %s", wrong_options[i]);
	(void)setenv("PARLOR_HB_MS", "never", 1);
	assert_int_equal(quietly(&s, NULL), -1);
}

enum way { BY_FILE, BY_ENVIRONMENT, BY_OPTION, BY_LEAST_OPTION, N_WAYS };

/* Gives setting NAME the VALUE, and loads. */
static int
give(struct settings *s, enum way way, const char *name, const char *value,
    struct buf *said)
{
	struct buf text = BUF_INIT;
	int n;

	write_conf("");
	if (way == BY_FILE) {
		buf_addf(&text, "%s = %s\n", name, value);
		write_conf(buf_str(&text));
	} else if (way == BY_ENVIRONMENT) {
		buf_adds(&text, "PARLOR_");
		for (const char *p = name; *p != '\0'; p++)
			buf_addc(&text, (char)toupper((unsigned char)*p));
		(void)setenv(buf_str(&text), value, 1);
	} else
		buf_addf(&text, "--%s%s=%s", way == BY_OPTION ? "" : "default-",
		    name, value);
	n = listening(
	    said, load_with, s, way >= BY_OPTION ? buf_str(&text) : NULL);
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
#define SETTING_TEXT(name, value, meaning)
#define SETTING_INT(name, value, min, max, unit, meaning) \
	{ #name, value, min, max, offsetof(struct settings, name) },
#include "db/base/settings.def"
#undef SETTING_TEXT
#undef SETTING_INT
};

enum { N_NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

/* Each is refused for its form alone: the digits in it are good. */
static const char *const forms[] = { "%ldx", "%ldms", "%ld.0", "%lde0", "+%ld",
	"%ld-", "%ld%%", "0x%ld", "x%ld", "%ld,0", "%ld_0" };

static void
refuse_forms(int64_t good, const char *name)
{
	struct buf said = BUF_INIT;
	struct settings s;
	char value[64];

	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++)
		for (enum way way = 0; way < N_WAYS; way++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			(void)snprintf(value, sizeof(value), forms[f], good);
#pragma GCC diagnostic pop
			if (give(&s, way, name, value, &said) != -1)
				fail_msg("taken: %s = %s", name, value);
			check_said(&said, "setting is no whole number");
			check_said(&said, name);
		}
	buf_done(&said);
}

static void
E6_a_number_with_letters_is_no_setting_whichever_and_wherever(void **state)
{
	struct buf said = BUF_INIT;
	struct settings s;
	char value[32];

	(void)state;
	for (size_t i = 0; i < N_NUMBERS; i++) {
		(void)snprintf(
		    value, sizeof(value), "%" PRId64, numbers[i].value);
		for (enum way way = 0; way < N_WAYS; way++)
			assert_int_equal(
			    give(&s, way, numbers[i].name, value, &said), 1);
		refuse_forms(numbers[i].value, numbers[i].name);
	}
	buf_done(&said);
}

static void
check_bound(size_t i, const char *value, const char *words)
{
	struct buf said = BUF_INIT;
	struct settings s;

	for (enum way way = 0; way < N_WAYS; way++) {
		int n = give(&s, way, numbers[i].name, value, &said);

		assert_int_equal(n, words == NULL ? 1 : -1);
		if (words != NULL)
			check_said(&said, words);
	}
	buf_done(&said);
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
	struct buf said = BUF_INIT;
	struct settings s;

	(void)state;
	for (enum way way = 0; way < N_WAYS; way++) {
		assert_int_equal(give(&s, way, "data", "", &said), -1);
		check_said(&said, "setting has no value");
		assert_int_equal(give(&s, way, "www", "", &said), -1);
		assert_int_equal(give(&s, way, "listen", "", &said), 1);
		assert_int_equal(give(&s, way, "reserved_names", "", &said), 1);
	}
	buf_done(&said);
}

static void
D3_a_default_of_the_command_line_gives_way_to_all_others(void **state)
{
	struct settings s;

	(void)state;
	write_conf("");
	assert_int_equal(load(&s, "--default-hb_ms=900", NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 900);
	assert_int_equal(load(&s, "--default-hb_ms", "901", NULL), 1);
	assert_int_equal(s.hb_ms, 901);
	assert_int_equal(
	    load(&s, "--hb_ms=700", "--default-hb_ms=900", NULL), 1);
	assert_int_equal(s.hb_ms, 700);
	(void)setenv("PARLOR_HB_MS", "600", 1);
	assert_int_equal(load(&s, "--default-hb_ms=900", NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 600);
	(void)unsetenv("PARLOR_HB_MS");
	write_conf("hb_ms = 500\n");
	assert_int_equal(load(&s, "--default-hb_ms=900", NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 500);
	assert_int_equal(load(&s, "--default-nothing=1", "x", NULL), 3);
}

static void
D3_what_overrules_the_file_is_told_and_nothing_else(void **state)
{
	struct buf said = BUF_INIT;
	struct settings s;

	(void)state;
	write_conf("\nhb_ms = 500\ndata = /a\n");
	(void)listening(&said, tell_overruled, &s, "--default-hb_ms=900");
	assert_string_equal(buf_str(&said), "");
	(void)listening(&said, tell_overruled, &s, "--hb_ms=500");
	assert_string_equal(buf_str(&said), "");
	(void)listening(&said, tell_overruled, &s, "--retry_ms=500");
	assert_string_equal(buf_str(&said), "");
	(void)listening(&said, tell_overruled, &s, "--hb_ms=700");
	check_said(&said,
	    "level=warn msg=\"setting of the file is overruled\""
	    " name=hb_ms");
	check_said(&said,
	    "/parlor.conf:2\" there=\"500\" by=--hb_ms"
	    " now=\"700\"");
	assert_null(strstr(buf_str(&said), "data"));
	(void)setenv("PARLOR_DATA", "/b", 1);
	(void)listening(&said, tell_overruled, &s, NULL);
	check_said(&said, "name=data");
	check_said(&said, "by=PARLOR_DATA now=\"/b\"");
	(void)setenv("PARLOR_DATA", "/a", 1);
	(void)listening(&said, tell_overruled, &s, NULL);
	assert_string_equal(buf_str(&said), "");
	buf_done(&said);
}

static void
D3_a_setting_that_stands_twice_in_the_file_is_told(void **state)
{
	struct buf said = BUF_INIT;
	struct settings s;

	(void)state;
	write_conf("hb_ms = 500\nretry_ms = 7\nhb_ms = 600\n");
	assert_int_equal(listening(&said, load_with, &s, NULL), 1);
	assert_int_equal(s.hb_ms, 600);
	check_said(&said, "setting stands twice in the file");
	check_said(&said, "name=hb_ms first=\"500\" now=\"600\"");
	buf_done(&said);
}

static void
D5_what_is_wrong_in_the_file_is_told_with_its_line(void **state)
{
	struct buf said = BUF_INIT;
	struct settings s;

	(void)state;
	write_conf("# one\n\nhb_ms = 12x\n");
	assert_int_equal(listening(&said, load_with, &s, NULL), -1);
	check_said(&said, "/parlor.conf:3\"");
	write_conf("\xef\xbb\xbfhb_ms = 500\r\n");
	assert_int_equal(listening(&said, load_with, &s, NULL), 1);
	assert_int_equal(s.hb_ms, 500);
	(void)setenv("PARLOR_CONF", dir, 1);
	assert_int_equal(listening(&said, load_with, &s, NULL), -1);
	check_said(&said, "settings file cannot be read");
	buf_done(&said);
}

static void
a_chosen_file_must_exist(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(quietly(&s, NULL), -1);
}

static void
the_help_names_every_setting(void **state)
{
	static const char *const names[] = {
#define SETTING_TEXT(name, value, meaning)                "--" #name " ",
#define SETTING_INT(name, value, min, max, unit, meaning) "--" #name " ",
#include "db/base/settings.def"
#undef SETTING_TEXT
#undef SETTING_INT
	};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	settings_help(f);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strstr(text, names[i]) == NULL)
			fail_msg("missing: %s", names[i]);
	free(text);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_nobody_set_has_its_default),
		TEST(the_file_may_have_comments_blank_lines_and_white_space),
		TEST(environment_wins_over_the_file_and_an_option_over_both),
		TEST(what_is_no_setting_stays_for_the_program_in_its_order),
		TEST(a_wrong_setting_stops_the_program_wherever_it_stands),
		TEST(
		    E6_a_number_with_letters_is_no_setting_whichever_and_wherever),
		TEST(D4_every_number_has_its_bounds_and_nothing_beyond_them),
		TEST(D4_a_directory_may_not_be_blank_but_other_texts_may),
		TEST(D3_a_default_of_the_command_line_gives_way_to_all_others),
		TEST(D3_what_overrules_the_file_is_told_and_nothing_else),
		TEST(D3_a_setting_that_stands_twice_in_the_file_is_told),
		TEST(D5_what_is_wrong_in_the_file_is_told_with_its_line),
		TEST(a_chosen_file_must_exist),
		TEST(the_help_names_every_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
