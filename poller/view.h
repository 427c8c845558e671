/* view: the ring, the connection and the counters of the hub's thread. */
#ifndef POLLER_VIEW_H
#define POLLER_VIEW_H

#include <stdatomic.h>

#include "db/base/settings.h"
#include "db/engine/db.h"
#include "db/chat/last_delivered.h"
#include "poller/ring.h"

struct commands;

struct view {
	struct ring *ring;
	struct db *db;
	struct last_delivered *delivered;
	struct commands *commands; /* NULL: clients may send no commands */
	const struct settings *settings;
	char epoch[EPOCH_LEN + 1];
	int64_t head; /* newest seq in the ring */
	int64_t now; /* lease ms */
	int leaving; /* the daemon stops: see roster_free_closed */
	atomic_uint_fast64_t deliveries, bytes, replays, slow;
};

#endif
