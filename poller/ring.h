/*
 * ring: the newest frames, by channel (a room, or a user's personal queue).
 *
 * An event has a text for each protocol, made for its first reader and shared
 * by all readers.
 *
 * A reader is a position in its channels and has no queue: frames are not kept
 * for single readers, and a reader that the ring has run past reads the store.
 * So slow readers cannot use unbounded memory.  For the hub's thread.
 */
#ifndef POLLER_RING_H
#define POLLER_RING_H

#include <sys/queue.h>

#include "db/base/buf.h"
#include "db/rows/events.h"
#include "api/feed/protocol.h"

enum { FRAME_KIND_MAX = 31 };

/* One event as it is sent; good until the ring drops it. */
struct frame {
	int64_t seq;
	struct scope scope;
	int64_t ends; /* as in struct event */
	char kind[FRAME_KIND_MAX + 1];
	struct buf data; /* the event's JSON */
	struct buf texts[N_PROTOCOLS]; /* see ring_text */
};

/* A reader's place in one channel, part of a larger struct. */
struct reading {
	LIST_ENTRY(reading) entry;
	struct channel *channel;
	uint64_t pos; /* number of the next frame to read */
};

struct channel {
	struct scope scope;
	struct channel *next; /* of the same hash */
	LIST_HEAD(, reading) readers;
	struct frame **frames; /* circular, of ROOM places */
	size_t n, room;
	uint64_t base; /* number of the oldest one */
	uint64_t good; /* older frames are not delivered */
	STAILQ_ENTRY(channel) touched;
	int is_touched;
};

STAILQ_HEAD(channels, channel);

struct ring;

struct ring *ring_open(size_t max_frames, size_t max_bytes, const char *epoch);
void ring_close(struct ring *);

/*
 * Keeps E as the newest frame, drops the oldest while there are too many, and
 * adds E's channel to TOUCHED if it has readers and is not there yet.  If E
 * rewrote other events, no reader gets the channel's earlier frames, and frames
 * that could hold erased text are emptied.
 */
void ring_append(struct ring *, const struct event *, struct channels *touched);

/* The touched channel's readers have been served: it may be touched again. */
void ring_fanned_out(struct ring *, struct channel *);

/* Every event after this seq is in the ring; the number never decreases. */
int64_t ring_floor(const struct ring *);
void ring_raise_floor(struct ring *, int64_t seq);

/* Frames and bytes there now: for metrics. */
size_t ring_frames(const struct ring *);
size_t ring_bytes(const struct ring *);

/*
 * Begins and ends reading the channel of SCOPE.  ring_seek moves the position
 * past seq AFTER.
 */
void ring_subscribe(struct ring *, struct scope, struct reading *);
void ring_unsubscribe(struct ring *, struct reading *);
void ring_seek(struct reading *, int64_t after);

/* TO, a copy of FROM at another address, replaces FROM. */
void ring_move(struct reading *from, struct reading *to);

/* Whether frames that READING has not seen have been dropped. */
int ring_passed(const struct reading *);

/* The frame SKIP places after the position; NULL: there is none yet. */
struct frame *ring_peek(const struct reading *, uint64_t skip);

/* The frame's text for the protocol; good for as long as the frame is. */
const struct buf *ring_text(
    struct ring *, struct frame *, const struct protocol *);

/*
 * Drops the oldest frames until the memory limit is kept again: texts made
 * since then count.  No frame may be in use.
 */
void ring_trim(struct ring *);

#endif
