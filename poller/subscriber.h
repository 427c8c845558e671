/*
 * subscriber: one stream or waiting poll, and the writing to its socket.
 *
 * What has not left yet is either a cursor (frames in the ring, events in the
 * store) or the few bytes in OUT: control frames, a replayed portion, the
 * rest of a frame that the socket took in part.  For hub.c alone, in the
 * hub's thread.
 */
#ifndef POLLER_SUBSCRIBER_H
#define POLLER_SUBSCRIBER_H

#include <stdatomic.h>
#include <sys/queue.h>

#include "db/base/settings.h"
#include "db/rows/delivered.h"
#include "api/feed/subscription.h"
#include "poller/stream_quota.h"
#include "poller/progress.h"
#include "poller/ring.h"

struct seat_reading {
	struct reading reading; /* first: found from it */
	struct subscriber *subscriber;
	struct scope scope; /* whose channel it reads */
	int64_t chatter; /* 0: the user's own queue */
	int64_t presence;
};

struct subscriber {
	TAILQ_ENTRY(subscriber) all, timer, behind;
	int slot; /* of the hub's timers, -1: none */
	int fd;
	const struct protocol *protocol;
	int live; /* reads the ring, not the store */
	int is_behind; /* is in the hub's list of those */
	int held; /* OUT waits for more, and for the head before it */
	int closing; /* when OUT has left */
	int lingers; /* then it waits for the client to close */
	int unread; /* the socket may have input */
	int dead;
	int outside; /* has no presence (api/feed/subscription.h) */
	int64_t cursor; /* all up to here has been written, or is in OUT */
	int64_t began; /* the first cursor */
	int64_t wrote; /* lease ms of the last write */
	int64_t until; /* lease ms: life, or wait's end */
	int expiring; /* UNTIL is when its caller's token expires */
	struct cors cors;
	struct stream_quota_owner owner;
	struct listener_id listener;
	int64_t conn; /* what ends it: see event_ends_conn */
	int64_t since; /* the log's head when it came */
	struct protocol_input *input;
	struct buf out;
	size_t done; /* bytes of OUT that have left */
	struct progress progress; /* its marks are in OUT */
	size_t rooms; /* seats it still has */
	size_t n;
	struct seat_reading seats[];
};

TAILQ_HEAD(subscribers, subscriber);

/* What the hub knows while it writes. */
struct view {
	struct ring *ring;
	struct db *db;
	struct delivered *delivered;
	const struct settings *settings;
	char epoch[EPOCH_LEN + 1];
	int64_t head; /* newest seq in the ring */
	int64_t now; /* lease ms */
	atomic_uint_fast64_t deliveries, bytes, replays, slow;
};

/*
 * A subscriber with its first bytes in OUT, in no list and no channel yet.
 * HEAD as in hub_add.
 */
struct subscriber *subscriber_make(int fd, const struct subscription *,
    const struct stream_quota_owner *, const struct buf *head,
    const struct settings *);

/* Begins to hear its channels; ends it and gives the memory back. */
void subscriber_subscribe(struct subscriber *, struct view *);
void subscriber_free(struct subscriber *, struct view *);

/* A waiting poll, and no stream: see api/feed/protocol.h. */
int subscriber_is_answer(const struct subscriber *);

enum flushed {
	FLUSHED_ALL, /* wait for events */
	FLUSHED_BLOCKED, /* wait for the socket */
	FLUSHED_BEHIND, /* there is more to replay: come again soon */
	FLUSHED_END /* close it */
};

/* Whether bytes wait for the socket. */
int subscriber_pending(const struct subscriber *);

/* Writes what there is to write. */
enum flushed subscriber_flush(struct subscriber *, struct view *);

/*
 * A sign of life: `hb`, or of an answer that waits its head and its beginning.
 * A front can thus tell a poll from a poller that stands still.
 */
void subscriber_beat(struct subscriber *, const struct view *);

/* Says bye for REASON, which completes an answer as it is, and then ends. */
void subscriber_end(struct subscriber *, struct view *, const char *reason);

/*
 * Ends it because the log has lost what comes next for it: it comes back with
 * its cursor, and is told then that the picture must be drawn anew.
 */
void subscriber_send_back(struct subscriber *, struct view *);

#endif
