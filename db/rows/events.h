/*
 * events: the table `event`: the log, in commit order.
 *
 * One writer at a time makes commit order the order of seq; a reader that has
 * seen N has seen everything up to N.  A cursor is `<epoch>-<seq>`; the epoch
 * changes when a backup is restored, so that old cursors are recognized.
 * Events up to FLOOR have been pruned.
 */
#ifndef DB_ROWS_EVENTS_H
#define DB_ROWS_EVENTS_H

#include "db/base/buf.h"
#include "db/engine/db.h"
#include "db/rows/ids.h"

enum event_kind {
#define KIND(name, text) EVENT_##name,
#include "db/rows/kinds.def"
#undef KIND
	N_KINDS
};

const char *events_kind_text(enum event_kind);

/*
 * An event is for everyone in a room, or for one user (that user's own queue).
 */
enum scope_type { SCOPE_ROOM, SCOPE_USER };
struct scope {
	enum scope_type type;
	int64_t id; /* room_id.n or user_id.n */
};

/*
 * The subscriptions that an event ends: none; all of the scope; all of a room
 * because it has expired; all of a room because it is open again, so that its
 * readers come back and are present; that of the chatter with this id, who
 * left, or was removed (EVENT_ENDS_REMOVED of the id).  In a user's own queue:
 * the connection whose name gives this number.
 */
enum { EVENT_ENDS_NOBODY = 0, EVENT_ENDS_ALL = -1 };
#define EVENT_ENDS_EXPIRED          INT64_MIN
#define EVENT_ENDS_REOPENED         (INT64_MIN + 1)
#define EVENT_ENDS_REMOVED(chatter) (-1 - (chatter))
int64_t events_ends_conn(const char *conn);

/*
 * The reason in `bye` if an event with ENDS is the last that CHATTER gets of
 * its room; NULL: it is not.
 */
const char *events_end_reason(int64_t ends, int64_t chatter);

struct event {
	int64_t seq;
	struct scope scope;
	const char *kind;
	const char *data; /* one JSON object, no line break */
	size_t len; /* bytes of data */
	int64_t ends; /* the chatter who loses the room with
					   this event, or EVENT_ENDS_* */
	int64_t rewrote; /* seq of the earliest event of the scope
					   whose data this one changed, with
					   the events of queues right behind
					   it that told the same; 0: none */
};

enum { EPOCH_LEN = 8 };
struct log_state {
	char epoch[EPOCH_LEN + 1];
	int64_t head; /* seq of the newest event, 0: none yet */
	int64_t floor; /* events with seq <= floor are gone */
};

/* In a write transaction: appends; the doorbell rings after the commit. */
enum db_rc events_append(struct db *, struct scope, enum event_kind,
    const struct buf *data, int64_t ends) DB_CHECK;

/*
 * The same for an event about a change to earlier ones, of which EARLIEST is
 * the first (0: no longer known).  All cached copies of the scope's events are
 * dropped, and with EVENT_ENDS_ALL those of all queues.
 */
enum db_rc events_append_rewriting(struct db *, struct scope, enum event_kind,
    const struct buf *data, int64_t ends, int64_t earliest) DB_CHECK;

/*
 * Adds the data of the event that tells the message JSON.  That event is the
 * message's own row (db/rows/messages.h): it appends itself to the log, and
 * reading the log gives it as it is now.
 */
void events_wrap(const char *json, size_t len, struct buf *data);

/*
 * In a write transaction, before the LIMIT oldest messages of a room are
 * dropped: puts empty events in their places in the log.
 */
enum db_rc events_outlive_messages(
    struct db *, struct room_id, int limit) DB_CHECK;

/* In a write transaction: the seq of the event or message appended last. */
int64_t events_last(struct db *);

/*
 * In a write transaction: gives the event SEQ the new DATA; events_silence:
 * empty data and no recipient.  An event that was pruned is skipped.  Soon
 * after the commit no file of the store holds the old data.
 */
enum db_rc events_rewrite(
    struct db *, int64_t seq, const struct buf *data) DB_CHECK;
enum db_rc events_silence(struct db *, int64_t seq) DB_CHECK;

/*
 * In a write transaction, while the room still has its chatters: silences the
 * `unread` events about the room called NAME in their users' queues.
 */
enum db_rc events_silence_told(
    struct db *, struct room_id, const char *name) DB_CHECK;

/*
 * In a write transaction: empties the events of SCOPE, which nobody reads any
 * more, so that no file of the store holds their data.
 */
enum db_rc events_blank(struct db *, struct scope) DB_CHECK;

/*
 * The same for the LIMIT newest events before the seq *BEFORE.  *BEFORE is
 * then the seq of the earliest of these; 0: there are no others.  The caller
 * has the log scrubbed after the last call.
 */
enum db_rc events_blank_some(
    struct db *, struct scope, int limit, int64_t *before) DB_CHECK;

enum db_rc events_state(struct db *, struct log_state *) DB_CHECK;

enum events_go { EVENTS_GO_ON, EVENTS_STOP };
typedef enum events_go (*event_fn)(const struct event *, void *arg);

/*
 * Calls FN for at most LIMIT events after seq AFTER, of all scopes, oldest
 * first, until it stops.  The event is lent for the call.  DB_NONE: there are
 * none.
 */
enum db_rc events_after(
    struct db *, int64_t after, int limit, event_fn, void *arg) DB_CHECK;

/* The same for the N SCOPES alone (N <= 64), and none beyond UPTO. */
enum db_rc events_of(struct db *, const struct scope *scopes, size_t n,
    int64_t after, int64_t upto, int limit, event_fn, void *arg) DB_CHECK;

/* The number of those events, counted no further than LIMIT. */
enum db_rc events_count(struct db *, const struct scope *scopes, size_t n,
    int64_t after, int limit, int64_t *count) DB_CHECK;

/* The seq just before the newest N events of SCOPES; 0 if there are fewer. */
enum db_rc events_newest(struct db *, const struct scope *scopes, size_t n,
    int newest, int64_t *after) DB_CHECK;

/* Inside db_read: DB_OK if events_prune would drop some, else DB_NONE. */
enum db_rc events_prune_due(struct db *, int64_t before, int64_t keep) DB_CHECK;

/*
 * In a write transaction: drops at most LIMIT of the oldest events, those
 * older than BEFORE (steady ms) or beyond the newest KEEP, and raises floor.
 * DB_NONE: there was nothing to drop.
 */
enum db_rc events_prune(
    struct db *, int64_t before, int64_t keep, int limit) DB_CHECK;

#endif
