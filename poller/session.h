/*
 * session: one client's stream or poll, as a cursor in the log.
 *
 * A session is a cursor in the log and a seat in each channel that it reads.
 * Bytes on their way to the client are in its socket.  For the hub's thread.
 */
#ifndef POLLER_SESSION_H
#define POLLER_SESSION_H

#include <stdbool.h>
#include <sys/queue.h>

#include "api/feed/subscription.h"
#include "poller/answer.h"
#include "poller/ring.h"
#include "poller/socket.h"
#include "poller/stream_quota.h"
#include "poller/timers.h"
#include "poller/view.h"

struct seat_reading {
	struct reading reading; /* first: a session is found from it */
	struct session *session;
	struct scope scope; /* whose channel it reads */
	int64_t chatter; /* 0: the user's own queue */
	int64_t presence;
	int64_t slot; /* of a poll: see db/chat/last_delivered.h; 0: none */
};

struct command;

/* For a client that can send commands: see input.h. */
struct inbound {
	struct protocol_input *unfinished;
	struct command *command; /* in progress, or not answered yet */
	struct user_id user;
	char conn[];
};

struct session {
	struct timer timer; /* first: a session is found from it */
	TAILQ_ENTRY(session) all, behind;
	struct socket socket;
	const struct protocol *protocol;
	struct answer *answer; /* of a waiting poll; NULL: it is a stream */
	struct inbound *inbound; /* NULL: the client's bytes are ignored */
	bool live; /* reads the ring, not the store */
	bool is_behind; /* is on the hub's list of sessions behind */
	bool closing; /* ends once all bytes have left */
	bool lingers; /* then waits for the client to close */
	bool unread; /* the socket may have input */
	bool dead;
	bool outside; /* has no presence (api/feed/subscription.h) */
	bool expiring; /* UNTIL is when its caller's token expires */
	int64_t cursor; /* all up to here has been written, or waits for it */
	int64_t began; /* the first cursor */
	int64_t until; /* lease ms: life, or wait's end */
	struct stream_quota_owner owner;
	struct listener_id listener;
	int64_t conn; /* names its connection: see event_ends_conn */
	int64_t since; /* the log's head at its check */
	size_t rooms; /* seats in rooms that it still has */
	size_t n;
	struct seat_reading *seats; /* the own queue is the first */
	struct seat_reading at_open[]; /* SEATS, unless there are more now */
};

TAILQ_HEAD(sessions, session);

/*
 * A session whose first bytes wait, on no list and in no channel yet.  BEGUN and
 * REUSE as in hub_add.
 */
struct session *session_open(int fd, const struct subscription *,
    const struct stream_quota_owner *, const struct buf *begun,
    const struct reuse *, const struct settings *);

/* Closes the socket, or gives it back after a whole answer. */
void session_close(struct session *, struct view *);

/* Begins to hear its channels. */
void session_subscribe(struct session *, struct view *);

/* Reads the ring from the cursor on, if the ring goes back that far. */
void session_go_live(struct session *, const struct view *);

/*
 * Whether it is a waiting poll rather than a stream: see api/feed/protocol.h.
 */
int session_is_answer(const struct session *);

/* Where the protocol's text goes. */
struct buf *session_text(struct session *);

/* The session of a reading that is in a channel, and of a timer. */
struct session *session_of(struct reading *);
struct session *session_of_timer(struct timer *);

/* The seat of the scope, NULL: there is none, or no longer. */
struct seat_reading *session_seat(struct session *, struct scope);

/*
 * Hears a further room, from the head on; if it hears that room already, the
 * new presence replaces the old one.  -1: it hears as many rooms as it may.
 */
int session_add_room(struct session *, struct view *, struct room_id,
    struct chatter_id, struct presence_id) __attribute__((warn_unused_result));

/* Stops hearing a room; gives the presence that was for it, 0: none. */
struct presence_id session_drop_room(
    struct session *, struct view *, struct room_id);

/*
 * The session has passed an event that ends SEAT's channel for some readers:
 * see event_ends.  That may end the seat, and the session.
 */
void session_pass_end(
    struct session *, struct view *, struct seat_reading *, int64_t ends);

/*
 * Writes a sign of life: `hb`, or for a waiting answer its head and its
 * beginning.  A front can thus tell a waiting poll from a poller that hangs.
 */
void session_beat(struct session *, const struct view *);

/* Completes an answer; the client goes on after CURSOR.  MORE: at once. */
void session_complete(
    struct session *, const struct view *, int64_t cursor, int more);

/* Says bye for REASON, or completes an answer as it is, and then ends. */
void session_say_bye(struct session *, struct view *, const char *reason);

/*
 * Ends the session because the log has lost its next events: the client comes
 * back with its cursor, and is then told to load a new snapshot.
 */
void session_send_back(struct session *, struct view *);

#endif
