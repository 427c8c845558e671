#include "db/chores.h"

#include "db/notices.h"
#include "db/presence.h"

enum {
	REAP_LIMIT = 500, /* rows in one write */
	NOTICES_LIMIT = 100 /* rooms in one write */
};

static enum db_rc
reap_due(struct db *db, void *arg)
{
	const struct chores *c = arg;

	return presence_due(db, c->patience_ms);
}

static enum db_rc
reap(struct db *db, void *arg)
{
	const struct chores *c = arg;

	return presence_reap(db, c->patience_ms, REAP_LIMIT);
}

static enum db_rc
withheld_due(struct db *db, void *arg)
{
	(void)arg;
	return notices_due(db);
}

static enum db_rc
tell_withheld(struct db *db, void *arg)
{
	(void)arg;
	return notices_tell_withheld(db, NOTICES_LIMIT);
}

/* Most of the time nothing is due, and to see that costs no write. */
static const struct {
	db_fn due, work;
} chores[] = {
	{ reap_due, reap },
	{ withheld_due, tell_withheld },
};

enum db_rc
chores_do(struct db *db, const struct chores *c)
{
	struct chores copy = *c;
	enum db_rc all = DB_NONE, rc;

	for (size_t i = 0; i < sizeof(chores) / sizeof(chores[0]); i++) {
		rc = db_read(db, chores[i].due, &copy);
		if (rc == DB_OK)
			rc = db_write(db, chores[i].work, &copy);
		if (rc == DB_OK)
			all = DB_OK;
		else if (rc != DB_NONE)
			return rc;
	}
	return all;
}
