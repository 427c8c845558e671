/* run: the state that the parts of a run share. */
#ifndef TESTS_LOAD_RUN_H
#define TESTS_LOAD_RUN_H

#include "tests/load/histogram.h"
#include "tests/load/http.h"
#include "tests/load/options.h"

enum { TOKEN_MAX = 64 };

struct room {
	char name[NAME_MAX_LEN];
	char cursor[CURSOR_MAX]; /* of the last join */
	char (*tokens)[TOKEN_MAX]; /* one for each person */
	uint32_t acknowledged; /* messages */
};

struct counts {
	uint64_t posted; /* acknowledged, or answers in MODE_GET */
	uint64_t failed; /* refused, or broken off */
	uint64_t heard; /* deliveries, each once */
	uint64_t duplicated, late;
	uint64_t strayed; /* received in a room where it does not belong */
	uint64_t bytes; /* read by streams and polls */
	uint64_t answers; /* of polls */
	uint64_t dials; /* connections that polls have opened */
	uint64_t reopened; /* streams that had ended */
	uint64_t opened; /* streams that have become ready */
};

struct readers;
struct posters;

struct run {
	struct options o;
	struct loop loop;
	struct room *rooms;
	struct readers *readers;
	struct posters *posters;
	/* For each publisher: deliveries of its last message still to come. */
	uint32_t *awaited;
	struct counts counts;
	struct histogram latency; /* from the intended time to the frame, ns */
	struct histogram answers; /* from the intended time to the answer */
};

#endif
