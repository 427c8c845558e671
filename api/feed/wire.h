/*
 * wire: the JSON around events, common to all protocols.
 *
 * The JSON of an event passes through unread; it holds no line break (the
 * encoder escapes them), so one line carries it.
 */
#ifndef API_FEED_WIRE_H
#define API_FEED_WIRE_H

#include "db/base/buf.h"
#include "db/rows/events.h"
#include "api/feed/protocol.h"
#include "api/feed/subscription.h"

/* Events in one answer. */
enum { WIRE_ANSWER_EVENTS = 500 };

/*
 * Whether an answer that has N events and BYTES leaves an event of NEXT bytes
 * for the next answer.  The first event always fits.
 */
int wire_answer_is_full(int n, size_t bytes, size_t next);

/* {"epoch":…,"from":…,"head":…,"floor":…,"recovered":…,"hb_ms","retry_ms"} */
void wire_add_sync(
    struct buf *, const struct subscription *, const struct protocol_times *);

/* {"head":…} */
void wire_add_head(struct buf *, const char *epoch, int64_t head);

/* {"reason":…,"retry_ms":…} */
void wire_add_bye(struct buf *, const struct protocol_end *);

/* {"id":…,"kind":…,"data":…} */
void wire_add_event(struct buf *, const char *epoch, const struct event *);

/* {"kind":NAME,"data":DATA} */
void wire_add_control(struct buf *, const char *name, const char *data);

#endif
