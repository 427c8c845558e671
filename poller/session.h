/*
 * session: one client that hears rooms, whatever it is connected by.
 *
 * A session is a cursor in the log and a seat in each channel that it reads.
 * What has been written to it stands in its socket.  For the hub's thread.
 */
#ifndef POLLER_SESSION_H
#define POLLER_SESSION_H

#include <sys/queue.h>

#include "api/feed/subscription.h"
#include "poller/ring.h"
#include "poller/socket.h"
#include "poller/stream_quota.h"
#include "poller/timers.h"
#include "poller/view.h"

struct seat_reading {
	struct reading reading; /* first: found from it */
	struct session *session;
	struct scope scope; /* whose channel it reads */
	int64_t chatter; /* 0: the user's own queue */
	int64_t presence;
};

struct command;

/* Of a client that can ask for something: see input.h. */
struct inbound {
	struct protocol_input *unfinished;
	struct command *command; /* on its way, or waiting to be told */
	struct user_id user;
	char conn[];
};

struct session {
	struct timer timer; /* first: found from it */
	TAILQ_ENTRY(session) all, behind;
	struct socket socket;
	const struct protocol *protocol;
	struct inbound *inbound; /* NULL: what the client sends is ignored */
	int live; /* reads the ring, not the store */
	int is_behind; /* is in the hub's list of those */
	int closing; /* when all has left */
	int lingers; /* then it waits for the client to close */
	int unread; /* the socket may have input */
	int dead;
	int outside; /* has no presence (api/feed/subscription.h) */
	int expiring; /* UNTIL is when its caller's token expires */
	int64_t cursor; /* all up to here has been written, or waits for it */
	int64_t began; /* the first cursor */
	int64_t until; /* lease ms: life, or wait's end */
	struct cors cors;
	struct stream_quota_owner owner;
	struct listener_id listener;
	int64_t conn; /* what ends it: see event_ends_conn */
	int64_t since; /* the log's head when it came */
	size_t rooms; /* seats in rooms that it still has */
	size_t n;
	struct seat_reading *seats; /* the own queue is the first */
	struct seat_reading at_open[]; /* SEATS, unless there came more */
};

TAILQ_HEAD(sessions, session);

/*
 * A session whose first bytes wait, in no list and no channel yet.  BEGUN as in
 * hub_add.
 */
struct session *session_open(int fd, const struct subscription *,
    const struct stream_quota_owner *, const struct buf *head,
    const struct settings *);

/* Closes the socket as well. */
void session_close(struct session *, struct view *);

/* Begins to hear its channels. */
void session_subscribe(struct session *, struct view *);

/* Reads the ring from the cursor on, if it goes back that far. */
void session_go_live(struct session *, const struct view *);

/* A waiting poll, and no stream: see api/feed/protocol.h. */
int session_is_answer(const struct session *);

/* The session of a reading that is in a channel, and of a timer. */
struct session *session_of(struct reading *);
struct session *session_of_timer(struct timer *);

/* The seat of the scope, NULL: it has none, or none any more. */
struct seat_reading *session_seat(struct session *, struct scope);

/*
 * Hears a room more, from the head on; when it hears that room already, its
 * presence is the new one.  -1: it hears as many rooms as it may.
 */
int session_add_room(struct session *, struct view *, struct room_id,
    struct chatter_id, struct presence_id) __attribute__((warn_unused_result));

/* Hears a room no more; the presence that was for it, 0: none. */
struct presence_id session_drop_room(
    struct session *, struct view *, struct room_id);

/*
 * The session has passed an event for SEAT that ends it for somebody: see
 * event_ends.  That may end the seat, and the session.
 */
void session_pass_end(
    struct session *, struct view *, struct seat_reading *, int64_t ends);

/*
 * A sign of life: `hb`, or of an answer that waits its head and its beginning.
 * A front can thus tell a poll from a poller that stands still.
 */
void session_beat(struct session *, const struct view *);

/* Completes an answer; the client goes on after CURSOR.  MORE: at once. */
void session_complete(
    struct session *, const struct view *, int64_t cursor, int more);

/* Says bye for REASON, which completes an answer as it is, and then ends. */
void session_say_bye(struct session *, struct view *, const char *reason);

/*
 * Ends it because the log has lost what comes next for it: it comes back with
 * its cursor, and is told then that it must load a new snapshot.
 */
void session_send_back(struct session *, struct view *);

#endif
