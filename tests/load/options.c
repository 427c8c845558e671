#include "tests/load/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE_DEFAULT = 1, FRAME_DEFAULT = 320 };

#define AT(member) offsetof(struct options, member)
static const struct number {
	const char *name, *meaning;
	size_t at;
	long min;
} numbers[] = {
	{ "--rooms", "rooms (1)", AT(rooms), 1 },
	{ "--readers", "readers of each room (0)", AT(readers), 0 },
	{ "--people", "persons who share these (1)", AT(people), 1 },
	{ "--posters", "connections that post (1)", AT(posters), 0 },
	{ "--post-rooms", "rooms that are posted to; 0: all (0)",
	    AT(post_rooms), 0 },
	{ "--rate", "messages a second; 0: in a loop (0)", AT(rate), 0 },
	{ "--heard", "1: a loop's next message when all have the last (0)",
	    AT(heard), 0 },
	{ "--frame", "bytes of a frame (320)", AT(frame), 0 },
	{ "--idle", "ms before the first message (0)", AT(idle_ms), 0 },
	{ "--warm", "ms that are not measured (500)", AT(warm_ms), 0 },
	{ "--measure", "ms that are (3000)", AT(measure_ms), 0 },
	{ "--messages", "messages, instead of a time", AT(messages), 0 },
	{ "--slices", "times to measure, each after a line on stdin (0: once)",
	    AT(slices), 0 },
	{ "--drain", "ms of silence before what lacks is lost (5000)",
	    AT(drain_ms), 1 },
	{ "--retry", "ms until a stream that ended comes back; 0: an error (0)",
	    AT(retry_ms), 0 },
};
enum { N_NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

_Noreturn static void
usage(const char *why)
{
	(void)fprintf(stderr,
	    "load: %s\n"
	    "usage: load --server address:port [--dialect parlor|nchan]\n"
	    "  [--mode streams|polls|get] [--room name] [--path /path]\n"
	    "  [--pid n ...] [--name number ...]\n\n",
	    why);
	for (size_t i = 0; i < N_NUMBERS; i++)
		(void)fprintf(stderr, "  %-13s %s\n", numbers[i].name,
		    numbers[i].meaning);
	exit(2);
}

static long
read_number(const char *text, long min)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < min)
		usage(text);
	return value;
}

static enum mode
read_mode(const char *text)
{
	static const char *const names[] = {
		[MODE_STREAMS] = "streams",
		[MODE_POLLS] = "polls",
		[MODE_GET] = "get",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0)
			return (enum mode)i;
	usage(text);
}

static int
read_word(struct options *o, const char *name, const char *value)
{
	if (strcmp(name, "--server") == 0)
		o->server = value;
	else if (strcmp(name, "--dialect") == 0)
		o->dialect = dialect_named(value);
	else if (strcmp(name, "--mode") == 0)
		o->mode = read_mode(value);
	else if (strcmp(name, "--room") == 0)
		o->room = value;
	else if (strcmp(name, "--path") == 0)
		o->path = value;
	else if (strcmp(name, "--pid") == 0 && o->procs.n < PROCS_MAX)
		o->procs.pids[o->procs.n++] = (pid_t)read_number(value, 1);
	else
		return 0;
	return 1;
}

static void
read_option(struct options *o, const char *name, const char *value)
{
	if (read_word(o, name, value))
		return;
	for (size_t i = 0; i < N_NUMBERS; i++)
		if (strcmp(name, numbers[i].name) == 0) {
			*(long *)(void *)((char *)o + numbers[i].at) =
			    read_number(value, numbers[i].min);
			return;
		}
	usage(name);
}

void
options_read(struct options *o, int argc, char **argv)
{
	*o = (struct options){ .dialect = dialect_named("parlor"),
		.rooms = 1,
		.people = PEOPLE_DEFAULT,
		.posters = 1,
		.frame = FRAME_DEFAULT,
		.warm_ms = 500,
		.measure_ms = 3000,
		.drain_ms = 5000 };
	if (argc % 2 == 0)
		usage("each option has a value");
	for (int i = 1; i < argc; i += 2)
		read_option(o, argv[i], argv[i + 1]);
	if (o->server == NULL || o->dialect == NULL)
		usage("no server, or a dialect that is not known");
	if (o->mode == MODE_POLLS && o->dialect->poll == NULL)
		usage("this dialect has no polls");
	if (o->mode == MODE_GET && (o->path == NULL || !o->dialect->has_people))
		usage("nothing to get");
	if (o->post_rooms == 0 || o->post_rooms > o->rooms)
		o->post_rooms = o->rooms;
}
