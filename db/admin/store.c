#include "db/admin/command.h"

enum db_rc
command_in_store(const struct call *call,
    enum db_rc (*how)(struct db *, db_fn, void *), db_fn fn, void *arg)
{
	struct store_options options = { call->settings->data, STORE_DIRECT,
		call->settings->wal_pages, call->settings->busy_ms,
		call->settings->storage_max };
	enum db_rc rc = DB_FAIL;
	struct store *store;
	struct db *db;

	if (store_open(&options, &store) != DB_OK)
		return DB_FAIL;
	db = store_db(store);
	if (db != NULL)
		rc = how(db, fn, arg);
	store_close(store);
	return rc;
}
