/*
 * roster: the sessions that the hub serves, and operations on many of them.
 *
 * A closed session stays until roster_free_closed, because epoll may still
 * report it.  For the hub's thread.
 */
#ifndef POLLER_ROSTER_H
#define POLLER_ROSTER_H

#include <stdatomic.h>
#include <sys/epoll.h>

#include "poller/commands.h"
#include "poller/departures.h"
#include "poller/hub_quotas.h"
#include "poller/session.h"

struct roster {
	/* set by the hub */
	struct view *view;
	struct hub_quotas quotas;
	struct departures *departures;
	int epoll;

	/* the roster's own */
	struct sessions all, behind, closed;
	struct timers *timers;
	int outside; /* sessions that have no presence */

	/* any thread's */
	atomic_uint_fast64_t n_opened, n_closed, n_polls;
};

void roster_init(struct roster *);
void roster_done(struct roster *);

/* Takes over a session, and ends the session that it replaces. */
void roster_admit(struct roster *, struct session *);

/* epoll has reported the session: reads, writes, or closes. */
void roster_on_socket(struct roster *, struct session *, uint32_t events);

/* The command of a session is done. */
void roster_answered(struct roster *, struct command *);

/* Writes to every session that reads a channel of TOUCHED, once. */
void roster_fan_out(struct roster *, struct channels *touched);

/* Serves the sessions that had more to read or to be sent. */
void roster_catch_up(struct roster *);

/* Heartbeats, ends of lives and waits, and stalled clients. */
void roster_on_time(struct roster *);

/* Says bye to every session, or to those without presence. */
void roster_end_all(struct roster *, const char *reason);
void roster_end_outside(struct roster *, const char *reason);

/* Sends back every session that is behind the ring: see session_send_back. */
void roster_send_back_all(struct roster *);

/* Closes all sessions as they are. */
void roster_close_all(struct roster *);

void roster_free_closed(struct roster *);

#endif
