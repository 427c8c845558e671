/*
 * access: who calls, and whether they may.
 *
 * One table (api/rights.def) says for each class of route and each kind of
 * caller whether it is allowed, and if not, which problem names what is
 * missing.  It is looked up before a handler runs and again in the transaction
 * that writes (call_write), so nobody uses a right that was lost meanwhile.
 *
 * Two things the table cannot know beforehand.  A class such as EDITOR depends
 * on whose the message is: a caller who may change their own is let through,
 * and the handler's transaction decides.  The same holds where the body decides
 * what is done (ALSO in routes.def).
 */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include "api/call.h"

enum who {
#define RIGHT(who, ...) WHO_##who,
#include "api/rights.def"
#undef RIGHT
	N_WHO
};

/* One line of routes.def. */
struct route {
	enum method method;
	const char *path;
	enum who who;
	size_t body; /* bytes */
	handler fn;
};

/*
 * Inside a transaction: who calls, the room of the path and the caller's seat
 * in it, into the call.  PERSON says why the caller is not known, PLACE why
 * there is no such room or the caller may not; PROBLEM_NONE: nothing is wrong.
 * DB_CONFLICT: credentials_meet must make the caller first.
 */
struct access {
	struct call *call;
	enum problem person, place;
};
enum db_rc access_check(struct db *, struct access *) DB_CHECK;

/*
 * What a handler found, in words that fit who calls: a service key without a
 * seat is told what it lacks instead of "join".
 */
enum problem access_refine(const struct call *, enum problem);

#endif
