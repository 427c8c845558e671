/*
 * people: a page of a room's chatters, by `limit` and `after` of the query.
 */
#ifndef API_PEOPLE_H
#define API_PEOPLE_H

#include "api/call.h"

enum { PEOPLE_DEFAULT = 200, PEOPLE_MAX = 500 };

struct people {
	struct call *call;
	struct chatter_id after; /* 0: from the first on */
	int limit;
	struct buf *to; /* the answer's body */
};

/* Answers what ADD, which is given a struct people, puts into the body. */
struct reply people_list(struct call *, db_fn add);

#endif
