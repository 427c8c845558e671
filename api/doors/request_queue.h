/*
 * request_queue: hands whole requests to the handler threads, which answer.
 *
 * Handler threads take, and release each request once they have answered it.
 * One of those that handle nothing, the giver, looks after the connections
 * (connections.h) and gives.  When it has got a whole request it handles that
 * itself, and another thread becomes the giver: so a request that arrives waits
 * for no thread to wake.  All functions may be called from any thread, unless
 * they say otherwise.
 */
#ifndef API_DOORS_REQUEST_QUEUE_H
#define API_DOORS_REQUEST_QUEUE_H

#include "api/doors/transfer.h"

struct request_queue;

/* The giver calls it again and again: connections_turn. */
typedef void request_queue_fn(void *arg);

/*
 * At most that many requests are handled at a time.  There is one thread more,
 * so that there is always a giver.
 */
struct request_queue *request_queue_open(int threads);
void request_queue_close(struct request_queue *);

/* Readable when the giver should look at the queue; it resets it. */
int request_queue_wakes(const struct request_queue *);

/* A whole request, or an answer that could not be sent. */
void request_queue_give(struct request_queue *, struct transfer *);

/* For the giver: whether a handler thread is free for one more request. */
int request_queue_has_room(struct request_queue *);

/* For the giver: adds the answers that the kernel has not taken to the list. */
void request_queue_collect(struct request_queue *, struct transfer_list *);

/*
 * For a handler thread: waits for the next, as the giver if there is no other,
 * which calls TURN.  NULL when the queue has ended.  Each that was taken is
 * released, with an answer that is still to be sent or with NULL.
 */
struct transfer *request_queue_take(
    struct request_queue *, request_queue_fn *turn, void *arg);
void request_queue_release(struct request_queue *, struct transfer *rest);

/* Requests that wait or are being handled. */
int request_queue_busy(struct request_queue *);

/* Asks the giver to give up accepting. */
void request_queue_stop(struct request_queue *);

/*
 * For the giver, if it has no connection left: ends the queue when it is to
 * stop and no request is left.  1: it has ended.
 */
int request_queue_end(struct request_queue *);

#endif
