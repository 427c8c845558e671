#include "db/chat/my_rooms.h"

#include "db/base/limits.h"
#include "db/base/must.h"
#include "db/chat/unread.h"
#include "db/rows/chatters.h"
#include "db/rows/messages.h"
#include "db/rows/rooms.h"

static enum db_rc
add_last(struct db *db, const struct my_room *row, struct buf *b)
{
	enum db_rc rc = DB_NONE;

	buf_adds(b, ",\"last_message\":");
	if (row->said.n > 0)
		rc = messages_add_json(db, row->room, row->said, b);
	if (rc == DB_NONE)
		buf_adds(b, "null");
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
add_row(struct db *db, const struct my_room *row, struct buf *b)
{
	int64_t unread = 0;
	enum db_rc rc;

	buf_adds(b, "{\"room\":");
	rc = rooms_add_json(db, row->room, b);
	buf_adds(b, ",\"chatter\":");
	if (rc == DB_OK)
		rc = chatters_add_json(db, row->chatter, b);
	if (rc == DB_OK)
		rc = add_last(db, row, b);
	if (rc == DB_OK)
		rc = unread_count(
		    db, row->chatter, row->room, row->read, &unread);
	buf_addf(b, ",\"unread\":%lld,\"read\":%lld,\"online\":%s}",
	    (long long)unread, (long long)row->read.n,
	    row->away ? "false" : "true");
	return rc;
}

enum db_rc
my_rooms_add(struct db *db, struct user_id user, int limit,
    struct my_rooms_place *place, struct buf *b, int *more)
{
	struct my_room *rows = must_alloc((size_t)(limit + 1) * sizeof(*rows));
	int n;
	enum db_rc rc = memberships_list(db, user, place, limit + 1, rows, &n);

	*more = n > limit;
	for (int i = 0; rc == DB_OK && i < n && i < limit; i++) {
		size_t before = b->len;

		if (i > 0)
			buf_addc(b, ',');
		rc = add_row(db, &rows[i], b);
		if (i > 0 && b->len > LIST_BYTES_MAX) {
			buf_cut(b, before);
			*more = 1;
			break;
		}
		*place = (struct my_rooms_place){ rows[i].at, rows[i].name };
	}
	free(rows);
	return rc;
}

struct total {
	struct db *db;
	int64_t *unread;
	enum db_rc rc;
};

static void
add_unread(struct chatter_id chatter, struct room_id room,
    struct message_id read, void *arg)
{
	struct total *total = arg;
	int64_t n;

	if (total->rc != DB_OK)
		return;
	total->rc = unread_count(total->db, chatter, room, read, &n);
	if (total->rc == DB_OK)
		*total->unread += n;
}

enum db_rc
my_rooms_unread(struct db *db, struct user_id user, int64_t *unread)
{
	struct total total = { db, unread, DB_OK };
	enum db_rc rc;

	*unread = 0;
	rc = memberships_with_absence(db, user, add_unread, &total);
	return rc == DB_OK ? total.rc : rc;
}
