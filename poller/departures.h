/*
 * departures: the hub's writes, which tell the store what sessions were
 * delivered and that streams have ended.
 *
 * They are written all together, one job at a time, so that a storm of ends
 * costs few commits; what could not be written is written with the next.  The
 * hub's thread alone calls; the writer's thread ends the jobs.
 */
#ifndef POLLER_DEPARTURES_H
#define POLLER_DEPARTURES_H

#include "db/engine/db.h"
#include "db/chat/last_delivered.h"
#include "poller/session.h"

struct departures;

/* WAKE is an eventfd that is written to after each job. */
struct departures *departures_open(
    struct store *, struct last_delivered *, int wake);
void departures_close(struct departures *);

/*
 * A stream ended: its presence and its listener end.  A waiting poll ended: its
 * presence outlives it, and what its answer told counts as heard.
 */
void departures_ended(struct departures *, const struct session *);
void departures_answered(struct departures *, const struct session *);

/* A stream goes on, but has left the room of this presence. */
void departures_left(
    struct departures *, struct presence_id, int64_t delivered);

/* Writes what has been added, unless a job is on its way. */
void departures_post(struct departures *);

/* Writes all, and waits until it is done; the hub's thread has ended. */
void departures_finish(struct departures *);

#endif
