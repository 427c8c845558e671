/*
 * stream_quota: counts and limits open streams: in all, of a user, from an
 * address.
 *
 * A stream counts from before it is opened until its socket is closed: in
 * total, for its user and for its address.  Safe from any thread.
 */
#ifndef POLLER_STREAM_QUOTA_H
#define POLLER_STREAM_QUOTA_H

#include <stdint.h>

struct stream_quota;

struct stream_quota_limits {
	int64_t total, person, address; /* 0: no limit for the last two */
};

/*
 * The owner of a stream; ADDRESS is any number that stands for it, 0: unknown.
 */
struct stream_quota_owner {
	int64_t person;
	uint64_t address;
};

enum stream_quota_rc {
	STREAM_QUOTA_OK,
	STREAM_QUOTA_FULL,
	STREAM_QUOTA_PERSON
};

struct stream_quota *stream_quota_open(const struct stream_quota_limits *);
void stream_quota_close(struct stream_quota *);

/*
 * Counts a stream more, unless STREAM_QUOTA_FULL (all) or STREAM_QUOTA_PERSON.
 */
enum stream_quota_rc stream_quota_take(struct stream_quota *,
    const struct stream_quota_owner *) __attribute__((warn_unused_result));
void stream_quota_give(
    struct stream_quota *, const struct stream_quota_owner *);

/* Streams that count now. */
int64_t stream_quota_total(struct stream_quota *);

/* Streams refused so far. */
uint64_t stream_quota_refused(const struct stream_quota *);

#endif
