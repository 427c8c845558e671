/*
 * protocol: one way of telling a client what happens.
 *
 * A protocol is a table of functions that make bytes.  Everything else about a
 * subscription (rights, presence, order, resume, quota) is the same for all
 * and knows nothing of them, in the API as in the poller's hub.  To add one,
 * write its file, give it a number here and add it to protocols.def, or to the
 * list in poller/events_route.c if the poller alone can speak it.
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
#include "db/base/problem.h"

struct event;
struct subscription;

/* The place of a protocol's text among those of a frame (poller/ring.h). */
enum protocol_number {
	PROTOCOL_SSE,
	PROTOCOL_NDJSON,
	PROTOCOL_POLL,
	PROTOCOL_WEBSOCKET,
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

/* The value of a request header, all of that name joined; NULL: none. */
typedef const char *(*protocol_header_fn)(void *arg, const char *name);

/* What the bytes of a client have come to. */
enum protocol_said {
	PROTOCOL_NOTHING, /* all have been read: more is needed */
	PROTOCOL_MESSAGE, /* one text is whole */
	PROTOCOL_CLOSED /* the last: it ends, or has broken the rules */
};

struct protocol_input;

struct protocol {
	enum protocol_number number;
	enum protocol_shape shape;
	const char *name; /* of the parameter `as` */
	const char *type; /* media type, which Accept may ask for; NULL: none */

	/*
	 * When the connection stops being HTTP: adds the whole head of the
	 * answer.  NULL: it is HTTP, and whoever serves it writes the head.
	 */
	enum problem (*upgrade)(
	    protocol_header_fn, void *arg, struct buf *head);

	/* How it begins: the sync, and the position. */
	void (*open)(struct buf *, const struct subscription *,
	    const struct protocol_times *);

	/* One event; the same bytes for every client. */
	void (*frame)(struct buf *, const char *epoch, const struct event *);

	/* A sign that is no event: DATA is the JSON of `hb` and the like. */
	void (*control)(struct buf *, const char *name, const char *data);

	/* The last that the client is told. */
	void (*bye)(struct buf *, const struct protocol_end *);

	/*
	 * Reads bytes of the client from *AT to END, moves *AT on, fills
	 * MESSAGE and adds to OUT what the protocol itself answers.  The state
	 * is NULL at first, and again when nothing is unfinished; input_free
	 * takes NULL.  NULL: what a client sends is ignored.
	 */
	enum protocol_said (*input)(struct protocol_input **, const char **at,
	    const char *end, struct buf *message, struct buf *out);
	void (*input_free)(struct protocol_input *);
};

#define PROTOCOL(name) extern const struct protocol name##_protocol;
#include "api/feed/protocols.def"
#undef PROTOCOL

/* All of protocols.def, ended by NULL. */
extern const struct protocol *const protocols_http[];

#endif
