/*
 * commands: what clients ask for on their streams, done by a few threads.
 *
 * The hub's thread may not wait for the store, so what a client sends is
 * handed to a pool, which calls the function that main has handed in: it may
 * do whatever a request may.  The pool is bounded, and so is each client, who
 * is not read from while a command of its is on the way.
 */
#ifndef POLLER_COMMANDS_H
#define POLLER_COMMANDS_H

#include <sys/queue.h>

#include "api/feed/subscription.h"
#include "db/base/buf.h"
#include "db/engine/db.h"

struct session;
struct commands;

enum command_outcome {
	COMMAND_REFUSED, /* WHY */
	COMMAND_ENTERED, /* SUB has the seat of a room that is to be heard */
	COMMAND_LEFT /* SUB has the seat of a room that is heard no more */
};

struct command {
	STAILQ_ENTRY(command) entry;
	struct session *session; /* stays as long as the command */
	struct buf message; /* what the client has sent */
	struct buf rest; /* bytes that came behind it */
	struct subscription sub; /* user, conn and slot are the client's */
	int answered; /* the rest is filled in */

	/* filled in by the function */
	enum command_outcome outcome;
	enum problem why;
	struct buf room; /* as the client has called it; empty: not at all */
};

STAILQ_HEAD(command_list, command);

/* Runs in a thread of the pool. */
struct command_handler {
	void (*fn)(void *arg, struct db *, struct command *);
	void *arg;
};

/* WAKE is an eventfd that is written to after each command. */
struct commands *commands_start(
    struct store *, const struct command_handler *, int wake);

/*
 * Ends the threads.  No command is left half done; those that had not begun
 * count as refused, and all are to be taken before commands_close.
 */
void commands_stop(struct commands *);
void commands_close(struct commands *);

/* -1: there are as many as may wait. */
int commands_post(struct commands *, struct command *)
    __attribute__((warn_unused_result));

/* Takes what has been answered. */
void commands_take(struct commands *, struct command_list *);

void commands_free(struct command *);

#endif
