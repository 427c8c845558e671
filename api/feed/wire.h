/*
 * wire: the bytes of frames and poll answers, made in one place.
 *
 * The JSON of an event passes through unread; it holds no line break (the
 * encoder escapes them), so one `data:` line carries it.
 */
#ifndef API_FEED_WIRE_H
#define API_FEED_WIRE_H

#include "db/base/buf.h"
#include "db/rows/events.h"
#include "api/feed/subscription.h"

/* `epoch-seq`. */
void wire_add_cursor(struct buf *, const char *epoch, int64_t seq);

/*
 * Reads `epoch-seq`.  0; -1: not of that form.  *KNOWN: the epoch is LOG's.
 */
int wire_read_cursor(const char *text, const struct log_state *log,
    int64_t *seq, int *known) __attribute__((warn_unused_result));

struct wire_times {
	int64_t hb_ms, retry_ms;
};

/* {"epoch":…,"from":…,"head":…,"floor":…,"recovered":…,"hb_ms","retry_ms"} */
void wire_add_sync(
    struct buf *, const struct subscription *, const struct wire_times *);

/* One event in each form: an SSE frame; {"id","kind","data"} and a newline. */
void wire_add_sse(struct buf *, const char *epoch, const struct event *);
void wire_add_ndjson(struct buf *, const char *epoch, const struct event *);

/*
 * A frame of a stream (DELIVERY_SSE or DELIVERY_NDJSON) that is no event:
 * sync, hb, bye.
 */
void wire_add_control(
    struct buf *, enum delivery, const char *name, const char *data);

/*
 * For EventSource: an id without data calls nobody, but is what a client that
 * is cut off before the next event sends as Last-Event-ID.
 */
void wire_add_position(struct buf *, const char *epoch, int64_t seq);

/*
 * How a stream begins: the sync, for EventSource with the time that it is to
 * wait before it reconnects, and with its position.
 */
void wire_add_opening(
    struct buf *, const struct subscription *, const struct wire_times *);

/* How it ends on purpose. */
void wire_add_bye(
    struct buf *, enum delivery, const char *reason, int64_t retry_ms);

/*
 * A poll's answer: begin, then each event with wire_poll_event (or
 * wire_poll_bytes, when its ndjson line has been made already), then end with
 * the cursor.  MORE: there were others, poll again at once.
 */
enum { WIRE_POLL_EVENTS = 500 };
void wire_poll_begin(
    struct buf *, const struct subscription *, const struct wire_times *);
void wire_poll_event(struct buf *, const char *epoch, const struct event *);
void wire_poll_bytes(struct buf *, const char *ndjson, size_t len);
/* Before the first event: a sign of life, which means nothing in JSON. */
void wire_poll_wait(struct buf *);
void wire_poll_end(struct buf *, const char *epoch, int64_t cursor, int more);

#endif
