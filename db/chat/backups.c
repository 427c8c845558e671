#include "db/chat/backups.h"

#include "db/chat/last_delivered.h"
#include "db/rows/meta.h"
#include "db/rows/presence.h"

/* Rows noted in one write, which keeps it below some ms. */
enum { PORTION = 100 };

struct noting {
	struct presence_row row;
	int done;
};

static enum db_rc
note_portion(struct db *db, void *arg)
{
	struct noting *n = arg;
	enum db_rc rc = DB_OK;

	for (int i = 0; rc == DB_OK && i < PORTION; i++) {
		int64_t seq;

		rc = presence_next_lagging(db, &n->row);
		if (rc != DB_OK)
			break;
		seq = last_delivered_read(db, n->row.slot);
		if (seq > n->row.span.upto)
			rc = presence_set_upto(db, n->row.id, seq);
	}
	n->done = rc == DB_NONE;
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
backups_note_delivered(struct db *db)
{
	struct noting n = { .done = 0 };
	enum db_rc rc = DB_OK;

	while (rc == DB_OK && !n.done)
		rc = db_write(db, note_portion, &n);
	return rc;
}

enum db_rc
backups_restored(struct db *db)
{
	enum db_rc rc = meta_renew(db);

	/* A file of that name may tell of events after the backup. */
	return rc == DB_OK ? presence_forget_slots(db) : rc;
}
