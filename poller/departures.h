/*
 * departures: the hub's writes to the store: what was delivered, and which
 * streams ended.
 *
 * Departures are written together, one job at a time, so that many ends at once
 * cost few commits; after a failed write they are written with the next job.
 * Only the hub's thread calls these functions; the writer's thread ends the
 * jobs.
 */
#ifndef POLLER_DEPARTURES_H
#define POLLER_DEPARTURES_H

#include "db/engine/db.h"
#include "db/chat/last_delivered.h"
#include "poller/session.h"

struct departures;

/*
 * The notes must outlive the struct.  WAKE is an eventfd that is written to
 * after each job.
 */
struct departures *departures_open(
    struct store *, const struct notes *, int wake);
void departures_close(struct departures *);

/*
 * A stream ended: its presence and its listener end.  A waiting poll ended: its
 * presence outlives it, and the events in its answer count as heard, by a note
 * if its row has one.
 */
void departures_ended(struct departures *, const struct session *);
void departures_answered(struct departures *, const struct session *);

/* A stream has left the room of this presence, and stays open. */
void departures_left(
    struct departures *, struct presence_id, int64_t delivered);

/* Writes the added departures, unless a job is in flight. */
void departures_post(struct departures *);

/*
 * Writes all of them, and waits until that is done; the hub's thread has ended.
 */
void departures_finish(struct departures *);

#endif
