#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/buf.h"
#include "db/base/gateway.h"
#include "db/base/log.h"
#include "db/base/version.h"
#include "db/engine/manage.h"
#include "db/engine/migrations.h"
#include "db/chat/schema.h"
#include "db/chat/setup.h"

struct command {
	const char *name;
	const char *usage;
	const char *meaning;
	int (*run)(const struct call *);
};

static const struct command commands[] = {
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
	struct store_options options =
	    schema_options(call->settings, STORE_DIRECT);
	const char *dir = options.dir;
	int before;

	if (no_words(call) != 0)
		return EXIT_USAGE;
	if (manage_migrate(&options, &before) != DB_OK)
		return EXIT_FAILED;
	if (before <= 0)
		(void)printf(
		    "made a database in %s (schema %d)\n", dir, store_schema);
	else if (before < store_schema)
		(void)printf("brought the database in %s from schema %d to"
			     " %d\n",
		    dir, before, store_schema);
	else
		(void)printf("the database in %s needs no change (schema %d)\n",
		    dir, store_schema);
	return EXIT_FINE;
}

static void
print_command(const struct command *c)
{
	(void)printf("  %s%s%s\n      %s\n", c->name,
	    c->usage[0] != '\0' ? " " : "", c->usage, c->meaning);
}

static void
print_usage(void)
{
	(void)printf("usage: parlor [--data DIR] [-n] COMMAND ...\n\n");
}

static int
help_all(void)
{
	print_usage();
	for (size_t i = 0; i < N_COMMANDS; i++)
		print_command(&commands[i]);
	(void)printf(
	    "\n  COMMAND --help, help COMMAND  print the help of that"
	    " command\n"
	    "  --version  print the version\n"
	    "  -n  check the settings of all programs and exit\n"
	    "\nSettings: options, PARLOR_NAME in the environment, or lines"
	    " of parlor.conf.\n--default-NAME VALUE gives a default that all"
	    " of these override.\n");
	settings_help(stdout, SETTINGS_ADMIN);
	return EXIT_FINE;
}

int
command_version(const struct call *call)
{
	(void)call;
	(void)puts("parlor " PARLOR_VERSION);
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

/* Prints the commands that begin with the N words; gives their number. */
static int
print_family(char **words, int n)
{
	int found = 0;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		const char *p = commands[i].name;
		int k = 0;

		for (; k < n && *p != '\0'; k++) {
			size_t len = strcspn(p, " ");

			if (strlen(words[k]) != len ||
			    memcmp(words[k], p, len) != 0)
				break;
			p += len;
			p += *p == ' ';
		}
		if (k < n)
			continue;
		if (found++ == 0)
			print_usage();
		print_command(&commands[i]);
	}
	return found;
}

static int
not_a_command(char **words, int n)
{
	struct buf said = BUF_INIT;

	for (int i = 0; i < n; i++)
		buf_addf(&said, "%s%s", i > 0 ? " " : "", words[i]);
	log_error("no such command; parlor help lists them", "command=\"%s\"",
	    buf_str(&said));
	buf_done(&said);
	return EXIT_USAGE;
}

/* The words before --help name a command, or the beginning of several. */
static int
help(char **words, int n)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (matches(commands[i].name, words, n) > 0) {
			print_usage();
			print_command(&commands[i]);
			return EXIT_FINE;
		}
	if (n > 0 && print_family(words, n) > 0)
		return EXIT_FINE;
	return n > 0 ? not_a_command(words, n) : help_all();
}

int
command_help(const struct call *call)
{
	return help(call->argv, call->argc);
}

static int
dispatch(const struct settings *settings, int n, char **words)
{
	struct call call = { settings, 0, NULL };

	if (n == 0) {
		(void)help_all();
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < N_COMMANDS; i++) {
		int taken = matches(commands[i].name, words, n);

		if (taken > 0) {
			call.argc = n - taken;
			call.argv = words + taken;
			return commands[i].run(&call);
		}
	}
	/* "room" alone: print the commands for rooms. */
	if (n == 1 && print_family(words, n) > 0)
		return EXIT_USAGE;
	return not_a_command(words, n);
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
		if (setup_check(&settings) != 0)
			return EXIT_USAGE;
		setup_say_usable();
		return EXIT_FINE;
	}
	/* --help may follow any command. */
	if (n > 1 && strcmp(argv[n - 1], "--help") == 0)
		return help(argv + 1, n - 2);
	if (n == 2 && strcmp(argv[1], "--version") == 0)
		return command_version(NULL);
	return dispatch(&settings, n - 1, argv + 1);
}
