/*
 * request_quota: how many requests an address may send, and how many bytes may
 * wait to be sent, to one address and in all.
 *
 * Both are checked before a request has any effect, so a request that is
 * refused can be sent again.  An answer's bytes count for as long as its
 * response exists, which ends when the kernel has taken them or the connection
 * is gone.  The bytes that wait for streams count as well.  Addresses are those of client_addr.h; 0 is not limited.  Safe from
 * any thread.
 */
#ifndef POLLER_REQUEST_QUOTA_H
#define POLLER_REQUEST_QUOTA_H

#include <stddef.h>
#include <stdint.h>

#include "db/base/problem.h"
#include "db/base/settings.h"

struct request_quota;

struct request_quota *request_quota_open(const struct settings *);
/* All answers must have ended. */
void request_quota_close(struct request_quota *);

/*
 * Counts a request.  PROBLEM_NONE: it may be answered; otherwise the refusal,
 * which is counted.
 */
enum problem request_quota_take(struct request_quota *, uint64_t address)
    __attribute__((warn_unused_result));

/* An answer of LEN bytes waits, and no longer does. */
void request_quota_begin(struct request_quota *, uint64_t address, size_t len);
void request_quota_end(struct request_quota *, uint64_t address, size_t len);

/*
 * IS bytes wait for a stream, where WAS have counted so far.  -1: they count
 * now, but they are too many, and the stream must be closed.
 */
int request_quota_change(struct request_quota *, uint64_t address, size_t was,
    size_t is) __attribute__((warn_unused_result));

struct request_quota_counts {
	uint64_t bytes; /* that wait now */
	uint64_t too_often, too_much; /* requests refused so far */
};
void request_quota_count(struct request_quota *, struct request_quota_counts *);

#endif
