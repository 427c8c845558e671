/* What the operator decides: file, then environment, then options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/settings.h"
#include "tests/unit/tmpdir.h"

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
	assert_int_equal(s.hb_ms, 15000);
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
	"hb_ms = \n", "hb_ms = x\n", "hb_ms = 12x\n", "hb_ms = 49\n",
	"hb_ms = 600001\n", "hb_ms = 99999999999999999999\n", "hb_ms = -1\n",
	"= 5\n", "hb_ms : 5\n" };

static const char *const wrong_options[] = { "--hb_ms=", "--hb_ms=x",
	"--hb_ms=0", "--hb_ms", "--threads=257" };

/* The lines that say what is wrong are not what is looked at here. */
static int
quietly(struct settings *s, const char *option)
{
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	int n;

	assert_true(saved >= 0 && null >= 0);
	(void)dup2(null, STDERR_FILENO);
	n = load(s, option, NULL, NULL);
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	(void)close(null);
	return n;
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
		TEST(a_chosen_file_must_exist),
		TEST(the_help_names_every_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
