/*
 * catchup: a request for events, until it has caught up with the log.
 *
 * Who asks and for what, presence, and what is there already: the same for a
 * poll, and for a stream where none is kept open, in the API and in the
 * poller.  One after the other: catchup_check, catchup_enter unless it is a
 * HEAD, and catchup_answer; or the poller's hub goes on from SUB.
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
	struct cors cors; /* of the answer */
	int may_wait; /* an answer without events need not be sent now */

	/* found */
	struct caller caller;
	struct subscription sub;
	struct entry entry;
	int needs;
	enum problem why; /* after DB_CONFLICT */
	struct buf body; /* the answer; the caller's to free */
	int waits; /* BODY has begun, and waits for events */
	int64_t since; /* what came after it was not there at the check */
	int over[SUBSCRIPTION_ROOMS_MAX + 1]; /* of subscription_scopes */
	int n; /* events that were there, at most one more than fit */
	int64_t last; /* the last of those in BODY */
	int said; /* messages are among them */
	int64_t told; /* BODY has everything up to this seq */
	int lags; /* that counts as heard once it is handed over */
};

/* What counts as heard because an answer was handed over. */
struct handed {
	size_t n;
	struct delivery_change changes[SUBSCRIPTION_ROOMS_MAX];
};

/* Writes only for who comes from the embedding site for the first time. */
enum db_rc catchup_check(struct db *, struct catchup *) DB_CHECK;

/*
 * Writes only when there is need, and checks the caller again when it does.
 * While the store cannot be written (SUB is then outside) nothing is renewed,
 * and the answer comes all the same.
 */
enum db_rc catchup_enter(struct db *, struct catchup *) DB_CHECK;

/*
 * The events from SUB.cursor on, as an answer that is complete: a stream ends
 * with `bye`.  SUB.cursor is then where a poll that waits goes on.  What was
 * pruned since the check is told by recovered:false.
 */
enum db_rc catchup_answer(struct db *, struct catchup *) DB_CHECK;

/*
 * Before BODY is sent: what it tells counts as heard.  Gives what must be
 * taken back by catchup_unheard if sending fails; NULL: nothing.  Either frees
 * nothing of C; the caller frees what is given.  It may write.
 */
struct handed *catchup_handed(struct db *, const struct catchup *);
void catchup_unheard(struct db *, struct handed *);

#endif
