/*
 * catchup: a request for events, until it has caught up with the log.
 *
 * It checks the caller and the query, writes presence, and answers with the
 * events already in the log: the same for a poll, and for a stream where none
 * is kept open, in the API and in the poller.  Call in order: catchup_check,
 * catchup_enter unless the method is HEAD, and catchup_answer; or the poller's
 * hub goes on from SUB.
 */
#ifndef API_FEED_CATCHUP_H
#define API_FEED_CATCHUP_H

#include "db/base/buf.h"
#include "db/base/settings.h"
#include "db/engine/db.h"
#include "db/chat/arrivals.h"
#include "api/http/problem.h"
#include "api/feed/subscription.h"

struct catchup {
	/* given, all lent */
	struct subscription_request asked;
	const struct settings *settings;
	struct node_id node; /* of the daemon that keeps streams */
	struct last_delivered *notes; /* its, of polls; NULL: it has none */
	struct cors cors; /* of the answer */
	int may_wait; /* an answer without events need not be sent at once */
	int eager; /* the check answers, unless presence must be written first */

	/* found */
	struct caller caller;
	struct subscription sub;
	struct entry entry;
	int needs;
	enum problem why; /* after DB_CONFLICT */
	struct buf body; /* the answer; the caller's to free */
	int answered; /* by the check */
	int waits; /* BODY has begun, and waits for events */
	int64_t since; /* later events were not there at the check */
	int over[SUBSCRIPTION_ROOMS_MAX + 1]; /* of subscription_scopes */
	int n; /* events that were there, and fit into BODY */
	int more; /* there are others */
	int64_t last; /* the last of those in BODY */
	int said; /* they include messages */
	int64_t told; /* BODY has everything up to this seq */
	int lags; /* TOLD counts as heard once BODY is handed over */
};

/* Messages that count as heard because an answer was handed over. */
struct handed {
	size_t n;
	struct delivery_change changes[SUBSCRIPTION_ROOMS_MAX];
};

/* Writes only when a user of the embedding site calls for the first time. */
enum db_rc catchup_check(struct db *, struct catchup *) DB_CHECK;

/*
 * Writes only when necessary, and then checks the caller again.  While the
 * store cannot be written (SUB is then outside) nothing is renewed, and the
 * answer is still given.
 */
enum db_rc catchup_enter(struct db *, struct catchup *) DB_CHECK;

/*
 * The events from SUB.cursor on, as a complete answer: a stream ends with
 * `bye`.  A poll that waits goes on from SUB.cursor.  If events were pruned
 * since the check, the answer says recovered:false.  If the caller is eager, the
 * check has read them in its own transaction where it could.
 */
enum db_rc catchup_answer(struct db *, struct catchup *) DB_CHECK;

/*
 * Before BODY is sent: its events count as heard.  Gives the changes that
 * catchup_unheard must undo if sending fails; NULL: none.  Neither function
 * frees anything of C; the caller frees the returned struct.  It may write.
 */
struct handed *catchup_handed(struct db *, const struct catchup *);
void catchup_unheard(struct db *, struct handed *);

/* catchup_unheard without waiting; frees the changes itself. */
void catchup_post_unheard(struct store *, struct handed *);

#endif
