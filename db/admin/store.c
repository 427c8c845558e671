#include "db/admin/command.h"
#include "db/base/log.h"
#include "db/chat/schema.h"

/* Explains a state of the storage; a command reports anything else. */
static void
say_refused(enum db_rc rc, const char *dir)
{
	const char *why = NULL;

	if (rc == DB_BUSY)
		why = "another program holds the store, so nothing was done;"
		      " end it (fuser -v names it) or try again";
	if (rc == DB_FULL)
		why = "there is no space, so nothing was done; free some on"
		      " the disk, or delete rooms, or raise storage_max";
	if (rc == DB_READ_ONLY)
		why = "the store cannot be written, so nothing was done; parlor"
		      " check says why";
	if (why != NULL)
		log_error(why, "directory=\"%s\"", dir);
}

enum db_rc
command_in_store(const struct call *call,
    enum db_rc (*how)(struct db *, db_fn, void *), db_fn fn, void *arg)
{
	struct store_options options =
	    schema_options(call->settings, STORE_DIRECT);
	enum db_rc rc = DB_FAIL;
	struct store *store;
	struct db *db;

	if (store_open(&options, &store) != DB_OK)
		return DB_FAIL;
	db = store_db(store);
	if (db != NULL)
		rc = how(db, fn, arg);
	store_close(store);
	say_refused(rc, call->settings->data);
	return rc;
}
