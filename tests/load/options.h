/* options: the settings of a run, from the command line. */
#ifndef TESTS_LOAD_OPTIONS_H
#define TESTS_LOAD_OPTIONS_H

#include "tests/load/dialect.h"
#include "tests/load/procs.h"

enum mode { MODE_STREAMS, MODE_POLLS, MODE_GET };

struct options {
	const char *server;
	const struct dialect *dialect;
	const char *room; /* an existing room, instead of new ones */
	const char *path; /* for MODE_GET */
	enum mode mode;
	long rooms, readers, people; /* readers and people: of each room */
	long posters; /* connections */
	long post_rooms; /* how many of the rooms are posted to; 0: all */
	long rate; /* messages a second; 0: each poster in a loop */
	long heard; /* a poster in a loop also waits for the readers */
	long frame; /* bytes */
	long idle_ms, warm_ms, measure_ms;
	long messages; /* instead of a time; 0: no end */
	long slices; /* measured in turns; 0: once, at once */
	long drain_ms; /* without news, until missing messages are lost */
	long retry_ms; /* 0: streams must not end */
	struct procs procs;
};

/* Prints what is wrong and exits with 2. */
void options_read(struct options *o, int argc, char **argv);

#endif
