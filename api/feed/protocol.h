/*
 * protocol: a format in which events are sent to a client, as a table of
 * functions.
 *
 * A protocol is a table of functions that make bytes.  Everything else about a
 * subscription (rights, presence, order, resume, quota) is the same for all
 * protocols and does not depend on them, in the API as in the poller's hub.  To
 * add a protocol, write its file, give it a number here and add it to
 * protocols.def, or to the list in poller/events_route.c if the poller alone
 * can speak it.
 *
 * A stream carries event after event until it ends with `bye`.  An answer is
 * one document, from `open` to `bye`; it carries the events that are there as
 * soon as there are any.
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
	PROTOCOL_RAW,
	PROTOCOL_WEBSOCKET,
	N_PROTOCOLS
};

enum protocol_shape { PROTOCOL_STREAM, PROTOCOL_ANSWER };

/* The intervals that a client is told. */
struct protocol_times {
	int64_t hb_ms, retry_ms;
};

/* How the stream or answer ends. */
struct protocol_end {
	const char *reason;
	int64_t retry_ms;
	const char *epoch;
	int64_t told; /* the last position that the client was told */
	int64_t cursor; /* the client goes on after this, TOLD or later */
	int more; /* there are more events: come back at once */
};

/* The value of a request header, fields of that name joined; NULL: none. */
typedef const char *(*protocol_header_fn)(void *arg, const char *name);

/* The result of reading a client's bytes. */
enum protocol_said {
	PROTOCOL_NOTHING, /* all bytes have been read: more are needed */
	PROTOCOL_MESSAGE, /* a text is complete */
	PROTOCOL_CLOSED /* the client closes, or has broken the rules */
};

struct protocol_input;

struct protocol {
	enum protocol_number number;
	enum protocol_shape shape;
	const char *name; /* of the parameter `as` */
	const char *type; /* media type, which Accept may ask for; NULL: none */

	/*
	 * When the connection stops being HTTP: adds the whole head of the
	 * answer.  NULL: it is HTTP, and the server writes the head.
	 */
	enum problem (*upgrade)(
	    protocol_header_fn, void *arg, struct buf *head);

	/* The beginning: the sync, and the position. */
	void (*open)(struct buf *, const struct subscription *,
	    const struct protocol_times *);

	/* One event, maybe nothing; the same bytes for every client. */
	void (*frame)(struct buf *, const char *epoch, const struct event *);

	/* A frame that is no event: DATA is the JSON of `hb` and the like. */
	void (*control)(struct buf *, const char *name, const char *data);

	/* The last frame of the client. */
	void (*bye)(struct buf *, const struct protocol_end *);

	/*
	 * Reads bytes of the client from *AT to END, moves *AT on, fills
	 * MESSAGE and adds to OUT the protocol's own replies.  The state is
	 * NULL at first, and again whenever no message is incomplete;
	 * input_free takes NULL.  NULL: bytes from the client are ignored.
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
