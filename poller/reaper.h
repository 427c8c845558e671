/*
 * reaper: the thread that renews the node's lease and runs maintenance.
 *
 * It keeps this daemon's node lease alive, expires presence and tells the
 * rooms, and prunes the log.  All of its state is in the store, so another
 * daemon's reaper, or requests under plain CGI, can do the same work.
 */
#ifndef POLLER_REAPER_H
#define POLLER_REAPER_H

#include "db/base/settings.h"
#include "db/engine/db.h"
#include "poller/hub.h"

struct reaper;

enum db_rc reaper_start(struct store *, const struct settings *, struct hub *,
    struct reaper **) DB_CHECK;

/* The node whose lease streams depend on now; safe from any thread. */
struct node_id reaper_node(struct reaper *);

/* Ends the thread; the node is left with a whole lease (see hub.c). */
void reaper_stop(struct reaper *);

#endif
