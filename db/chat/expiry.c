#include "db/chat/expiry.h"

#include <stdlib.h>

#include "db/base/must.h"
#include "db/chat/arrivals.h"
#include "db/chat/delivery.h"
#include "db/chat/leases.h"
#include "db/chat/unread.h"
#include "db/rows/listeners.h"
#include "db/rows/presence.h"

static int
by_room(const void *a, const void *b)
{
	const struct presence_ref *x = a, *y = b;

	if (x->room.n != y->room.n)
		return x->room.n < y->room.n ? -1 : 1;
	return (x->id.n > y->id.n) - (x->id.n < y->id.n);
}

/* Deletes N rows of one room, and tells it which chatters are gone. */
static enum db_rc
expire_in_room(struct db *db, const struct presence_ref *rows, size_t n,
    struct chatter_id *gone)
{
	enum db_rc rc = DB_OK;
	struct room room;
	size_t left = 0;

	for (size_t i = 0; rc == DB_OK && i < n; i++) {
		rc = delivery_drop(db, &rows[i]);
		if (rc == DB_NONE) {
			gone[left++] = rows[i].chatter;
			rc = DB_OK;
		}
	}
	if (rc == DB_OK && left > 0)
		rc = rooms_get(db, rows[0].room, &room);
	if (rc == DB_OK && left > 0)
		rc = arrivals_tell_left(db, &room, gone, left, LEAVE_TIMEOUT);
	return rc;
}

static enum db_rc
expire(struct db *db, int limit, int *did)
{
	struct presence_ref *rows = must_alloc((size_t)limit * sizeof(*rows));
	struct chatter_id *gone = must_alloc((size_t)limit * sizeof(*gone));
	size_t n, end;
	enum db_rc rc = presence_expired(db, db_lease_now(db), rows, limit, &n);

	if (n > 0)
		*did = 1;
	qsort(rows, n, sizeof(*rows), by_room);
	for (size_t i = 0; rc == DB_OK && i < n; i = end) {
		for (end = i; end < n && rows[end].room.n == rows[i].room.n;)
			end++;
		rc = expire_in_room(db, rows + i, end - i, gone);
	}
	free(rows);
	free(gone);
	return rc;
}

static enum db_rc
drop_listener(struct db *db, const struct listener_ref *row)
{
	enum db_rc rc = listeners_drop(db, row->id);

	if (rc == DB_OK)
		rc = listeners_any(db, row->user);
	return rc == DB_NONE ? unread_no_listener(db, row->user) : rc;
}

/* DB_NONE: none has expired. */
static enum db_rc
reap_listeners(struct db *db, int limit)
{
	struct listener_ref *rows = must_alloc((size_t)limit * sizeof(*rows));
	size_t n;
	enum db_rc rc =
	    listeners_expired(db, db_lease_now(db), rows, limit, &n);

	if (rc == DB_OK && n == 0)
		rc = DB_NONE;
	for (size_t i = 0; rc == DB_OK && i < n; i++)
		rc = drop_listener(db, &rows[i]);
	free(rows);
	return rc;
}

enum db_rc
expiry_reap(struct db *db, int64_t patience_ms, int limit)
{
	enum db_rc rc;
	int did = 0;

	must(limit > 0);
	rc = leases_shift_due(db);
	did = rc == DB_OK;
	if (rc == DB_OK || rc == DB_NONE)
		rc = leases_end_nodes(db, patience_ms);
	if (rc == DB_OK)
		did = 1;
	if (rc == DB_OK || rc == DB_NONE)
		rc = expire(db, limit, &did);
	if (rc == DB_OK)
		rc = reap_listeners(db, limit);
	return rc == DB_NONE && did ? DB_OK : rc;
}

enum db_rc
expiry_due(struct db *db, int64_t patience_ms)
{
	int64_t now = db_lease_now(db);
	enum db_rc rc = presence_due(db, now, now - patience_ms);

	return rc == DB_NONE ? listeners_due(db, now) : rc;
}
