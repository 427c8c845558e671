/* tail: reads new events of the log into the ring.  For the hub's thread. */
#ifndef POLLER_TAIL_H
#define POLLER_TAIL_H

#include "poller/view.h"

/*
 * Opens the ring of VIEW with the newest events of the log, so that many
 * readers that return at once are served from the ring.
 */
enum db_rc tail_open(struct view *, struct db *) DB_CHECK;

struct tail_news {
	struct channels touched; /* channels that have readers and have grown */
	int64_t n; /* events */
	int lost; /* another process pruned events that were not read yet */
};

/*
 * Reads all new events.  After LOST the floor of the ring has been raised:
 * readers behind it must be sent back.
 */
void tail_read(struct view *, struct tail_news *);

#endif
