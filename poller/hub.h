/*
 * hub: the thread that serves all sessions.
 *
 * The doorbell wakes it; it reads the new events into the ring (poller/tail.h)
 * and only then writes to the sessions that hear them (poller/delivery.h), so
 * that many frames share a write.
 *
 * hub_add may be called from any thread; everything else about a session is
 * the hub's thread's own.  No lock is held over SQL or a write.
 */
#ifndef POLLER_HUB_H
#define POLLER_HUB_H

#include "db/base/settings.h"
#include "db/engine/db.h"
#include "db/chat/last_delivered.h"
#include "api/feed/subscription.h"
#include "poller/commands.h"
#include "poller/hub_quotas.h"
#include "poller/reuse.h"

struct hub;

/*
 * The notes must outlive the hub.  DB_FAIL: logged; nothing is left to close.  The handler carries out clients' commands
 * on their streams.
 */
enum db_rc hub_start(struct store *, const struct settings *,
    const struct hub_quotas *, const struct notes *,
    const struct command_handler *, struct hub **) DB_CHECK;

/*
 * Takes over the connected socket FD, on which nothing has been answered yet,
 * for SUBSCRIPTION; both are the hub's from now on.  OWNER's place in the quota
 * is given back at the end.  A poll is answered at its first event or after its
 * wait.  BEGUN is how the answer begins: for a stream its head (empty: the hub
 * writes that of HTTP), for a poll the document that its protocol has opened
 * (empty: the hub opens it).  A poll's connection goes to REUSE afterward;
 * NULL: it is closed.
 */
void hub_add(struct hub *, int fd, const struct subscription *,
    const struct stream_quota_owner *, const struct buf *begun,
    const struct reuse *);

/* Tells every stream to reconnect: their presence was lost with the node. */
void hub_send_away(struct hub *);

/* Tells every stream that the daemon stops; sessions may still be added. */
void hub_say_goodbye(struct hub *);

/*
 * Says bye to every session, waits until that is sent or the streams' share of
 * settings stop_ms has passed since the first bye, closes all sessions and ends
 * the thread.
 */
void hub_stop(struct hub *);

/* Totals so far; safe from any thread. */
struct hub_counts {
	uint64_t opened, closed, polls, events, deliveries, bytes, replays,
	    slow, frames, ring_bytes;
};
void hub_count(struct hub *, struct hub_counts *);

#endif
