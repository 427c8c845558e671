/*
 * connections: all FastCGI connections of a process, in one thread at a time.
 *
 * That thread calls connections_turn again and again.  It accepts, reads each
 * request into memory, and gives only whole requests to the handler threads
 * (request_queue.h).  They hand back whole answers, and what the kernel does not
 * take of an answer at once is sent from here.  So a peer that sends or reads
 * slowly holds no handler thread.
 *
 * A request arrives within request_deadline_ms, and its answer is taken within
 * a minute.  When too many requests are arriving, or too many bytes are waiting
 * to be sent, the connection that has taken longest is cut off.  Connections
 * are accepted only while a handler thread is free, so that otherwise another
 * process gets them.
 */
#ifndef API_DOORS_CONNECTIONS_H
#define API_DOORS_CONNECTIONS_H

#include <stdatomic.h>
#include <stdint.h>

#include "api/doors/request_queue.h"
#include "db/base/settings.h"

struct connections;

/*
 * The queue and LISTENS, a non-blocking listening socket, are lent until the
 * close.  DUE says when that thread has to move on (pulse.h).
 */
struct connections *connections_open(const struct settings *,
    struct request_queue *, int listens, atomic_int_fast64_t *due);

/* After connections_turn gave 0. */
void connections_close(struct connections *);

/*
 * Waits at most MS, or without end if it is negative, and does what is due.  0
 * when the queue was stopped and has ended: all requests are answered.
 */
int connections_turn(struct connections *, int64_t ms);

#endif
