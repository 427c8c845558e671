/*
 * answer: the HTTP answer of a waiting poll, one document.
 *
 * It is sent in one piece with its length, unless the wait is so long that it
 * must begin before its end is known: then it follows in chunks, or lasts until
 * the connection is closed.  For the hub's thread.
 */
#ifndef POLLER_ANSWER_H
#define POLLER_ANSWER_H

#include "api/feed/subscription.h"
#include "db/base/buf.h"
#include "poller/reuse.h"

struct answer {
	struct cors cors;
	struct buf document; /* the part that is not in OUT yet */
	int begun; /* the head is in OUT */
	const struct reuse *reuse; /* NULL: the connection is closed after it */
};

/* OUT is where the connection's bytes go. */
struct answer_out {
	struct buf *out;
	const struct protocol *protocol;
};

struct answer *answer_open(const struct reuse *, const struct cors *);
void answer_close(struct answer *); /* NULL is allowed */

/* Sends what there is of the document, and a sign of life. */
void answer_beat(struct answer *, const struct answer_out *);

/* Completes the document, and sends it. */
void answer_end(
    struct answer *, const struct answer_out *, const struct protocol_end *);

#endif
