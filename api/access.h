/*
 * access: who calls, and whether they may.
 *
 * One table (api/rights.def) says for each class of route and each kind of
 * caller whether the call is allowed, and if not, which problem names what is
 * missing.  It is looked up before a handler runs, and again in the transaction
 * that writes (access_write), so that nobody uses a right that was lost in
 * between.
 *
 * A class such as RENAMER depends on whose the thing is: a caller who may
 * change their own is let through, and the transaction that finds the thing
 * asks again (access_to).  The same holds where the body decides what is done
 * (ALSO in routes.def).
 *
 * A recent sender skips the check before the handler (api/auth_cache.h).  The
 * write transaction checks everything; the first check only keeps strangers off
 * the single writer.
 */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include "api/call.h"

/*
 * What a check found.  PERSON: why it is not known who calls; PLACE: why there
 * is no such room, or why the caller may not.  PROBLEM_NONE: nothing is wrong.
 */
struct access {
	struct call *call;
	enum problem person, place;
};

/*
 * Before the handler runs: who calls (from CALL's caller), the room of the path
 * and the caller's seat in it, into CALL.  A caller whom the embedding site
 * vouches for is made on their first call.
 */
enum db_rc access_check(struct access *) DB_CHECK;

/* After it has run: how the call ended. */
void access_end(const struct call *, int status);

/*
 * db_write for what rests on the caller's rights: who calls, the room and the
 * seat are read again into CALL, in the transaction that writes.  DB_CONFLICT
 * with *WHY when the caller may not any more.
 */
enum db_rc access_write(
    struct call *, db_fn, void *arg, enum problem *why) DB_CHECK;

/*
 * The same for a SENDER and a FN that changes nothing unless it answers DB_OK.
 * FN checks the seat itself, because it reads all of it to send; who calls and
 * the room are in CALL.  A refusal in *WHY says what a service key lacks.
 */
enum db_rc access_write_sender(
    struct call *, db_fn, void *arg, enum problem *why) DB_CHECK;

/*
 * In that transaction, for a class that depends on whose the thing is: what the
 * table says.  access_also: for what the route does besides (ALSO).
 */
enum access_thing { ACCESS_ANOTHERS, ACCESS_OWN };
enum problem access_to(const struct call *, enum access_thing);
enum problem access_also(const struct call *, enum access_thing);

/*
 * What the caller is in the room, as enum role: its owner, and a key for
 * rooms, even without a seat.  -1: nobody.
 */
int access_rank(const struct call *);

#endif
