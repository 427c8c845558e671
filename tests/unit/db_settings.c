/* Where settings come from: the file, then the environment, then options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/base/buf.h"
#include "db/base/settings.h"
#include "tests/lib/settings_file.h"

static void
what_nobody_set_has_its_default(void **state)
{
	struct settings s;

	(void)state;
	settings_file_write("");
	assert_int_equal(settings_file_load(&s, NULL, NULL, NULL), 1);
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
	settings_file_write("# a comment\n\n  hb_ms =  500  \r\n\tdata=/a b/c\n"
			    "retry_ms = 7");
	assert_int_equal(settings_file_load(&s, NULL, NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 500);
	assert_string_equal(s.data, "/a b/c");
	assert_int_equal(s.retry_ms, 7);
}

static void
environment_wins_over_the_file_and_an_option_over_both(void **state)
{
	struct settings s;

	(void)state;
	settings_file_write("hb_ms = 500\ndata = from-file\n");
	(void)setenv("PARLOR_HB_MS", "600", 1);
	assert_int_equal(settings_file_load(&s, NULL, NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 600);
	assert_string_equal(s.data, "from-file");
	assert_int_equal(settings_file_load(&s, "--hb_ms=700", NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 700);
	assert_int_equal(settings_file_load(&s, "--hb_ms", "800", NULL), 1);
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
	settings_file_write("");
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

static int
quietly(struct settings *s, const char *option)
{
	struct buf log = BUF_INIT;
	int n = settings_file_load_logged(s, option, &log);

	buf_done(&log);
	return n;
}

static void
a_wrong_setting_stops_the_program_wherever_it_stands(void **state)
{
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong_files) / sizeof(wrong_files[0]);
	     i++) {
		settings_file_write(wrong_files[i]);
		if (quietly(&s, NULL) != -1)
			fail_msg("taken: %s", wrong_files[i]);
	}
	settings_file_write("");
	for (size_t i = 0; i < sizeof(wrong_options) / sizeof(wrong_options[0]);
	     i++)
		if (quietly(&s, wrong_options[i]) != -1)
			fail_msg("taken: %s", wrong_options[i]);
	(void)setenv("PARLOR_HB_MS", "never", 1);
	assert_int_equal(quietly(&s, NULL), -1);
}

static void
D3_a_default_of_the_command_line_gives_way_to_all_others(void **state)
{
	struct settings s;

	(void)state;
	settings_file_write("");
	assert_int_equal(
	    settings_file_load(&s, "--default-hb_ms=900", NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 900);
	assert_int_equal(
	    settings_file_load(&s, "--default-hb_ms", "901", NULL), 1);
	assert_int_equal(s.hb_ms, 901);
	assert_int_equal(
	    settings_file_load(&s, "--hb_ms=700", "--default-hb_ms=900", NULL),
	    1);
	assert_int_equal(s.hb_ms, 700);
	(void)setenv("PARLOR_HB_MS", "600", 1);
	assert_int_equal(
	    settings_file_load(&s, "--default-hb_ms=900", NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 600);
	(void)unsetenv("PARLOR_HB_MS");
	settings_file_write("hb_ms = 500\n");
	assert_int_equal(
	    settings_file_load(&s, "--default-hb_ms=900", NULL, NULL), 1);
	assert_int_equal(s.hb_ms, 500);
	assert_int_equal(
	    settings_file_load(&s, "--default-nothing=1", "x", NULL), 3);
}

static void
D3_what_overrules_the_file_is_told_and_nothing_else(void **state)
{
	struct buf log = BUF_INIT;
	struct settings s;

	(void)state;
	settings_file_write("\nhb_ms = 500\ndata = /a\n");
	(void)settings_file_load_overruled(&s, "--default-hb_ms=900", &log);
	assert_string_equal(buf_str(&log), "");
	(void)settings_file_load_overruled(&s, "--hb_ms=500", &log);
	assert_string_equal(buf_str(&log), "");
	(void)settings_file_load_overruled(&s, "--retry_ms=500", &log);
	assert_string_equal(buf_str(&log), "");
	(void)settings_file_load_overruled(&s, "--hb_ms=700", &log);
	settings_file_assert_logged(&log,
	    "level=warn msg=\"setting in the file is overridden\""
	    " name=hb_ms");
	settings_file_assert_logged(&log,
	    "/parlor.conf:2\" there=\"500\" by=--hb_ms"
	    " now=\"700\"");
	assert_null(strstr(buf_str(&log), "data"));
	(void)setenv("PARLOR_DATA", "/b", 1);
	(void)settings_file_load_overruled(&s, NULL, &log);
	settings_file_assert_logged(&log, "name=data");
	settings_file_assert_logged(&log, "by=PARLOR_DATA now=\"/b\"");
	(void)setenv("PARLOR_DATA", "/a", 1);
	(void)settings_file_load_overruled(&s, NULL, &log);
	assert_string_equal(buf_str(&log), "");
	buf_done(&log);
}

static void
D3_a_setting_that_stands_twice_in_the_file_is_told(void **state)
{
	struct buf log = BUF_INIT;
	struct settings s;

	(void)state;
	settings_file_write("hb_ms = 500\nretry_ms = 7\nhb_ms = 600\n");
	assert_int_equal(settings_file_load_logged(&s, NULL, &log), 1);
	assert_int_equal(s.hb_ms, 600);
	settings_file_assert_logged(&log, "setting appears twice in the file");
	settings_file_assert_logged(
	    &log, "name=hb_ms first=\"500\" now=\"600\"");
	buf_done(&log);
}

static void
D5_what_is_wrong_in_the_file_is_told_with_its_line(void **state)
{
	struct buf log = BUF_INIT;
	struct settings s;

	(void)state;
	settings_file_write("# one\n\nhb_ms = 12x\n");
	assert_int_equal(settings_file_load_logged(&s, NULL, &log), -1);
	settings_file_assert_logged(&log, "/parlor.conf:3\"");
	settings_file_write("\xef\xbb\xbfhb_ms = 500\r\n");
	assert_int_equal(settings_file_load_logged(&s, NULL, &log), 1);
	assert_int_equal(s.hb_ms, 500);
	(void)setenv("PARLOR_CONF", settings_file_dir(), 1);
	assert_int_equal(settings_file_load_logged(&s, NULL, &log), -1);
	settings_file_assert_logged(&log, "settings file cannot be read");
	buf_done(&log);
}

static void
a_chosen_file_must_exist(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(quietly(&s, NULL), -1);
}

enum {
	API = SETTINGS_API,
	POLLER = SETTINGS_POLLER,
	SERVERS = API | POLLER,
	ALL = SERVERS | SETTINGS_ADMIN
};

static void
check_help(enum settings_user user)
{
	static const struct {
		const char *name;
		unsigned users;
	} settings[] = {
#define SETTING_TEXT(name, value, users, meaning) { "--" #name " ", users },
#define SETTING_INT(name, value, min, max, unit, users, meaning) \
	{ "--" #name " ", users },
#include "db/base/settings.def"
#undef SETTING_TEXT
#undef SETTING_INT
	};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	settings_help(f, user);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if ((strstr(text, settings[i].name) != NULL) !=
		    ((settings[i].users & user) != 0))
			fail_msg("program %d: %s", (int)user, settings[i].name);
	free(text);
}

static void
the_help_of_a_program_names_its_own_settings_and_no_others(void **state)
{
	(void)state;
	check_help(SETTINGS_ADMIN);
	check_help(SETTINGS_API);
	check_help(SETTINGS_POLLER);
}

static void
the_help_of_a_number_names_its_unit_if_it_has_one(void **state)
{
	static const char *const ends[] = {
		"3: everything (default: 2; 0 to 3)\n",
		"only services notify (default: 1; 0 or 1)\n",
		"sends a heartbeat (default: 5000 ms; 50 to 600000)\n",
	};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	settings_help(f, SETTINGS_POLLER);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strstr(text, ends[i]) == NULL)
			fail_msg("%s is missing", ends[i]);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_FILE_TEST(what_nobody_set_has_its_default),
		SETTINGS_FILE_TEST(
		    the_file_may_have_comments_blank_lines_and_white_space),
		SETTINGS_FILE_TEST(
		    environment_wins_over_the_file_and_an_option_over_both),
		SETTINGS_FILE_TEST(
		    what_is_no_setting_stays_for_the_program_in_its_order),
		SETTINGS_FILE_TEST(
		    a_wrong_setting_stops_the_program_wherever_it_stands),
		SETTINGS_FILE_TEST(
		    D3_a_default_of_the_command_line_gives_way_to_all_others),
		SETTINGS_FILE_TEST(
		    D3_what_overrules_the_file_is_told_and_nothing_else),
		SETTINGS_FILE_TEST(
		    D3_a_setting_that_stands_twice_in_the_file_is_told),
		SETTINGS_FILE_TEST(
		    D5_what_is_wrong_in_the_file_is_told_with_its_line),
		SETTINGS_FILE_TEST(a_chosen_file_must_exist),
		SETTINGS_FILE_TEST(
		    the_help_of_a_program_names_its_own_settings_and_no_others),
		SETTINGS_FILE_TEST(
		    the_help_of_a_number_names_its_unit_if_it_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
