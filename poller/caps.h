/*
 * caps: how many streams somebody has open, and how many there may be.
 *
 * Counted from before the stream is opened until its socket is closed, for
 * all, for each person and for each address.  Safe from any thread.
 */
#ifndef POLLER_CAPS_H
#define POLLER_CAPS_H

#include <stdint.h>

struct caps;

struct caps_limits {
	int64_t total, person, address; /* 0: no limit for the last two */
};

/* Whose a stream is; ADDRESS is any number that stands for it, 0: nobody. */
struct caps_owner {
	int64_t person;
	uint64_t address;
};

enum caps_rc { CAPS_OK, CAPS_FULL, CAPS_PERSON };

struct caps *caps_open(const struct caps_limits *);
void caps_close(struct caps *);

/* Counts one more, unless CAPS_FULL (all) or CAPS_PERSON (one's own). */
enum caps_rc caps_take(struct caps *, const struct caps_owner *)
    __attribute__((warn_unused_result));
void caps_give(struct caps *, const struct caps_owner *);

/* Streams that are counted now. */
int64_t caps_total(struct caps *);

#endif
