/*
 * protocol: one way of telling a client what happens.
 *
 * A protocol is a table of functions that make bytes.  Everything else about a
 * subscription (rights, presence, order, resume, quota) is the same for all
 * and knows nothing of them, in the API as in the poller's hub.  To add one,
 * write its file, give it a number here and add it to the list of whoever
 * serves it.
 *
 * A stream is told event after event until it ends with `bye`.  An answer is
 * one document: it is open from `open` to `bye`, and carries what is there at
 * the first moment at which there is anything.
 */
#ifndef API_FEED_PROTOCOL_H
#define API_FEED_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "db/base/buf.h"

struct event;
struct subscription;

/* The place of a protocol's text among those of a frame (poller/ring.h). */
enum protocol_number {
	PROTOCOL_SSE,
	PROTOCOL_NDJSON,
	PROTOCOL_POLL,
	N_PROTOCOLS
};

enum protocol_shape { PROTOCOL_STREAM, PROTOCOL_ANSWER };

/* What a client is told about the rhythm of the service. */
struct protocol_times {
	int64_t hb_ms, retry_ms;
};

/* How it ends. */
struct protocol_end {
	const char *reason;
	int64_t retry_ms;
	const char *epoch;
	int64_t told; /* the last position that the client was told */
	int64_t cursor; /* it goes on after this one, TOLD or later */
	int more; /* there are more events: come again at once */
};

struct protocol {
	enum protocol_number number;
	enum protocol_shape shape;
	const char *name; /* of the parameter `as` */
	const char *type; /* media type, which Accept may ask for */

	/* How it begins: the sync, and the position. */
	void (*open)(struct buf *, const struct subscription *,
	    const struct protocol_times *);

	/* One event; the same bytes for every client. */
	void (*frame)(struct buf *, const char *epoch, const struct event *);

	/* A sign that is no event: DATA is the JSON of `hb` and the like. */
	void (*control)(struct buf *, const char *name, const char *data);

	/* The last that the client is told. */
	void (*bye)(struct buf *, const struct protocol_end *);
};

extern const struct protocol sse_protocol, ndjson_protocol, poll_protocol;

/*
 * What any HTTP server can speak, ended by NULL.  The first is for clients
 * whose Accept leaves the choice.
 */
extern const struct protocol *const protocols_http[];

#endif
