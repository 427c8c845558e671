/*
 * progress: the last event that the kernel took in full from a session's
 * buffer.
 *
 * Bytes that wait in a buffer carry marks: an event counts as delivered when
 * its last byte has left.  The newest such event is noted for other processes
 * as well (db/chat/last_delivered.h).  For the hub's thread.
 */
#ifndef POLLER_PROGRESS_H
#define POLLER_PROGRESS_H

#include "db/chat/last_delivered.h"

struct mark;

/* Begins as all zero except DELIVERED and SLOT. */
struct progress {
	int64_t delivered; /* the last event that the kernel took in full */
	int64_t slot; /* of db/chat/last_delivered.h; 0: not shared */
	struct mark *marks; /* in order */
	size_t n, passed, room;
};

/* The kernel has taken everything up to SEQ. */
void progress_note(struct progress *, struct last_delivered *, int64_t seq);

/* The event SEQ is the last in the first END bytes of the buffer. */
void progress_mark(struct progress *, size_t end, int64_t seq);

/* DONE further bytes of the buffer have left. */
void progress_pass(struct progress *, struct last_delivered *, size_t done);

/* The buffer is empty, or the subscriber ends: frees the marks. */
void progress_clear(struct progress *);

#endif
