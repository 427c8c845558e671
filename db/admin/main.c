#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/buf.h"
#include "db/base/gateway.h"
#include "db/base/log.h"
#include "db/check.h"
#include "db/migrate.h"
#include "db/setup.h"

static const struct command {
	const char *name;
	const char *usage;
	const char *meaning;
	int (*run)(const struct call *);
} commands[] = {
#define COMMAND(name, usage, meaning, function) \
	{ name, usage, meaning, function },
#include "db/admin/commands.def"
#undef COMMAND
};

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static int
no_words(const struct call *call)
{
	return options_read(call, NULL, 0, NULL, NULL);
}

int
command_migrate(const struct call *call)
{
	if (no_words(call) != 0)
		return EXIT_USAGE;
	return migrate_run(call->settings->data) == DB_OK ? EXIT_FINE :
							    EXIT_FAILED;
}

static void
print_finding(const char *finding, void *arg)
{
	(void)arg;
	(void)puts(finding);
}

int
command_check(const struct call *call)
{
	int usable, findings;

	if (no_words(call) != 0)
		return EXIT_USAGE;
	settings_log_overruled();
	usable = setup_check(call->settings) == 0;
	findings = check_run(call->settings->data, print_finding, NULL);
	return usable && findings == 0 ? EXIT_FINE : EXIT_FAILED;
}

int
command_help(const struct call *call)
{
	(void)call;
	(void)printf("usage: parlor [--data DIR] [-n] COMMAND ...\n\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		(void)printf("  %s%s%s\n      %s\n", commands[i].name,
		    commands[i].usage[0] != '\0' ? " " : "", commands[i].usage,
		    commands[i].meaning);
	(void)printf(
	    "\n  -n  read the settings, say what is wrong, do nothing\n"
	    "\nSettings, as options, as PARLOR_NAME in the"
	    " environment or in parlor.conf:\n");
	settings_help(stdout);
	return EXIT_FINE;
}

/* How many of the N words are NAME ("room create" is two); 0: it is not. */
static int
matches(const char *name, char **words, int n)
{
	int i = 0;

	for (const char *p = name; *p != '\0'; i++) {
		size_t len = strcspn(p, " ");

		if (i >= n || strlen(words[i]) != len ||
		    memcmp(words[i], p, len) != 0)
			return 0;
		p += len;
		p += *p == ' ';
	}
	return i;
}

static int
dispatch(const struct settings *settings, int n, char **words)
{
	struct call call = { settings, 0, NULL };
	struct buf said = BUF_INIT;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		int taken = matches(commands[i].name, words, n);

		if (taken > 0) {
			call.argc = n - taken;
			call.argv = words + taken;
			return commands[i].run(&call);
		}
	}
	for (int i = 0; i < n; i++)
		buf_addf(&said, "%s%s", i > 0 ? " " : "", words[i]);
	log_error("no such command; parlor help lists them", "command=\"%s\"",
	    buf_str(&said));
	buf_done(&said);
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	struct settings settings;
	int n;

	if (gateway_refuse_cgi() != 0)
		return EXIT_USAGE;
	n = settings_load(&settings, argc, argv);
	if (n < 0)
		return EXIT_USAGE;
	log_threshold((enum log_level)settings.log);
	if (n == 2 && strcmp(argv[1], "-n") == 0) {
		settings_log_overruled();
		return setup_check(&settings) == 0 ? EXIT_FINE : EXIT_USAGE;
	}
	/* Behind any command as well. */
	if (n > 1 && strcmp(argv[n - 1], "--help") == 0)
		return command_help(NULL);
	return dispatch(&settings, n - 1, argv + 1);
}
