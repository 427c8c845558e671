/*
 * commands: a pool of threads that carries out clients' commands.
 *
 * The hub's thread may not wait for the store, so a client's command is handed
 * to the pool, which calls a function given by main.  That function may do
 * anything that a request may.  The queue is bounded, and so is each client: no
 * input is read from a client while its command is in progress.
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
	COMMAND_ENTERED, /* SUB has the seat of the room to be heard */
	COMMAND_LEFT /* SUB has the seat of the room that was left */
};

struct command {
	STAILQ_ENTRY(command) entry;
	struct session *session; /* stays as long as the command */
	struct buf message; /* the client's command */
	struct buf rest; /* bytes that came after it */
	struct subscription sub; /* user, conn and slot are the client's */
	int answered; /* the rest is filled in */

	/* filled in by the function */
	enum command_outcome outcome;
	enum problem why;
	struct buf room; /* as the client spells it; empty: not at all */
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
 * Ends the threads.  No command is left half done; commands that had not begun
 * count as refused.  Take all commands before commands_close.
 */
void commands_stop(struct commands *);
void commands_close(struct commands *);

/* -1: the queue is full. */
int commands_post(struct commands *, struct command *)
    __attribute__((warn_unused_result));

/* Takes the commands that are done. */
void commands_take(struct commands *, struct command_list *);

void commands_free(struct command *);

#endif
