/*
 * access: identifies the caller and checks their rights.
 *
 * One table (api/rights.def) says for each class of route and each kind of
 * caller whether the call is allowed, and if not, which problem names the
 * missing right.  The table is looked up before a handler runs, and again in
 * the transaction that writes (access_write), so that a right lost in between
 * is not used.
 *
 * A class such as RENAMER depends on whose the thing is: a caller who may
 * change their own is let through, and the transaction that finds the thing
 * checks again (access_to).  The same holds where the body decides what the
 * route does (ALSO in routes.def).
 *
 * A recent sender skips the check before the handler (api/auth_cache.h).  The
 * write transaction checks everything; the first check only keeps strangers off
 * the single writer.
 */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include "api/call.h"

/*
 * The result of a check.  PERSON: why the caller could not be identified;
 * PLACE: why there is no such room, or why the caller may not use it.
 * PROBLEM_NONE: nothing is wrong.
 */
struct access {
	struct call *call;
	enum problem person, place;
};

/*
 * Before the handler runs: reads the caller, the room of the path and the
 * caller's seat in it into CALL.  A user whom the embedding site vouches for is
 * created on their first call.
 */
enum db_rc access_check(struct access *) DB_CHECK;

/* After the handler has run: STATUS is the answer's. */
void access_end(const struct call *, int status);

/*
 * db_write for work that depends on the caller's rights: reads the caller, the
 * room and the seat again into CALL, in the transaction that writes.
 * DB_CONFLICT with *WHY when the caller no longer has the right.
 */
enum db_rc access_write(
    struct call *, db_fn, void *arg, enum problem *why) DB_CHECK;

/*
 * The same for a SENDER and a FN that changes nothing unless it answers DB_OK.
 * FN checks the seat itself, because sending needs all of its fields; the
 * caller and the room are in CALL.  A refusal in *WHY names the scope that a
 * service key lacks.
 */
enum db_rc access_write_sender(
    struct call *, db_fn, void *arg, enum problem *why) DB_CHECK;

/*
 * In that transaction, for a class that depends on whose the thing is: the
 * table's answer.  access_also: for the route's further effects (ALSO).
 */
enum access_thing { ACCESS_ANOTHERS, ACCESS_OWN };
enum problem access_to(const struct call *, enum access_thing);
enum problem access_also(const struct call *, enum access_thing);

/*
 * The caller's rank in the room, as enum role.  The room's owner and a key for
 * rooms rank as owner even without a seat.  -1: none.
 */
int access_rank(const struct call *);

#endif
