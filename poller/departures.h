/*
 * departures: the hub's writes, which tell the store what subscribers were
 * delivered and that streams have ended.
 *
 * They are written all together, one job at a time, so that a storm of ends
 * costs few commits; what could not be written is written with the next.  The
 * hub's thread alone calls; the writer's thread ends the jobs.
 */
#ifndef POLLER_DEPARTURES_H
#define POLLER_DEPARTURES_H

#include "db/db.h"
#include "db/delivered.h"
#include "db/ids.h"

struct departure {
	enum {
		DEPARTURE_SEAT, /* a stream's presence in a room ends */
		DEPARTURE_QUEUE, /* a stream's listener ends */
		DEPARTURE_ANSWER /* a waiting poll was answered */
	} what;
	struct presence_id presence; /* of a seat or an answer */
	struct listener_id listener; /* of a queue */
	int64_t slot; /* of a queue: the stream's, given back with it */
	int64_t upto; /* the last event that was delivered */
};

struct departures;

/* WAKE is an eventfd that is written to after each job. */
struct departures *departures_open(
    struct store *, struct delivered *, int wake);
void departures_close(struct departures *);

void departures_add(struct departures *, const struct departure *);

/* Writes what has been added, unless a job is on its way. */
void departures_post(struct departures *);

/* Whether a job is on its way. */
int departures_busy(struct departures *);

#endif
