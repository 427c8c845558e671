/* options: what a run is to do, from the command line. */
#ifndef TESTS_LOAD_OPTIONS_H
#define TESTS_LOAD_OPTIONS_H

#include "tests/load/dialect.h"
#include "tests/load/procs.h"

enum mode { MODE_STREAMS, MODE_POLLS, MODE_GET };

struct options {
	const char *server;
	const struct dialect *dialect;
	const char *room; /* one that exists, instead of new ones */
	const char *path; /* for MODE_GET */
	enum mode mode;
	long rooms, readers, people; /* readers and people: of each room */
	long posters; /* connections */
	long post_rooms; /* how many of the rooms are posted to; 0: all */
	long rate; /* messages a second; 0: each poster in a loop */
	long heard; /* in the loop one waits for the readers as well */
	long frame; /* bytes */
	long idle_ms, warm_ms, measure_ms;
	long messages; /* instead of a time; 0: no end */
	long drain_ms; /* without any news, until what lacks is lost */
	long retry_ms; /* 0: streams must not end */
	struct procs procs;
};

/* Prints what is wrong and ends with 2. */
void options_read(struct options *o, int argc, char **argv);

#endif
