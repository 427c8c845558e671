/*
 * chatter_page: a page of a room's chatters, by the query's `limit` and
 * `after`.
 */
#ifndef API_HANDLERS_CHATTER_PAGE_H
#define API_HANDLERS_CHATTER_PAGE_H

#include "api/call.h"

enum { CHATTER_PAGE_DEFAULT = 200, CHATTER_PAGE_MAX = 500 };

struct chatter_page {
	struct call *call;
	struct chatter_id after; /* 0: from the first on */
	int limit;
	struct buf *to; /* the answer's body */
};

/* Answers with the body that ADD fills in; its ARG is a struct chatter_page. */
struct reply chatter_page_list(struct call *, db_fn add);

#endif
