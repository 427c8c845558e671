#include "db/rows/meta.h"

#include "db/base/must.h"
#include "db/rows/sql.h"

enum {
	SECRET,
	ANCHOR,
	SET_ANCHOR,
	SET_FLOOR,
	BOOT,
	SET_BOOT,
	SERVED,
	SET_SERVED,
	NAME_KEYS,
	SET_NAME_KEYS,
	TOUCH,
	UNTOUCH,
	RENEW,
	N_SQL
};

static const char *const sql[N_SQL] = {
	[SECRET] = "SELECT secret FROM meta WHERE one = 1",
	[ANCHOR] = "SELECT anchor FROM meta WHERE one = 1",
	[SET_ANCHOR] = "UPDATE meta SET anchor = ? WHERE one = 1",
	[SET_FLOOR] = "UPDATE meta SET floor = ? WHERE one = 1",
	[BOOT] = "SELECT 1 FROM meta WHERE one = 1 AND boot = ?",
	[SET_BOOT] = "UPDATE meta SET boot = ? WHERE one = 1",
	[SERVED] = "SELECT served FROM meta WHERE one = 1",
	[SET_SERVED] = "UPDATE meta SET served = ? WHERE one = 1",
	[NAME_KEYS] = "SELECT 1 FROM meta WHERE one = 1 AND name_keys = ?",
	[SET_NAME_KEYS] = "UPDATE meta SET name_keys = ? WHERE one = 1",
	/* SQLite writes nothing where the old value is set again. */
	[TOUCH] = "UPDATE meta SET floor = floor + 1 WHERE one = 1",
	[UNTOUCH] = "UPDATE meta SET floor = floor - 1 WHERE one = 1",
	[RENEW] = "UPDATE meta SET epoch = lower(hex(randomblob(4))),"
		  " boot = '' WHERE one = 1",
};
const struct sql meta_sql = { SQL_META, sql, N_SQL };

enum db_rc
meta_secret(struct db *db, unsigned char secret[META_SECRET_LEN])
{
	struct stmt *s = stmt_begin(db, &meta_sql, SECRET, NO_ARGS);
	enum db_rc rc = stmt_next(s);
	const void *blob;
	size_t len;

	if (rc == DB_OK) {
		blob = stmt_blob(s, 0, &len);
		must(len == META_SECRET_LEN);
		memcpy(secret, blob, len);
	}
	stmt_end(s);
	return rc;
}

enum db_rc
meta_anchor(struct db *db, int64_t *anchor)
{
	return stmt_one(db, &meta_sql, ANCHOR, NO_ARGS, anchor);
}

enum db_rc
meta_set_anchor(struct db *db, int64_t anchor)
{
	return stmt_run(db, &meta_sql, SET_ANCHOR, ARGS(INT(anchor)));
}

enum db_rc
meta_set_floor(struct db *db, int64_t floor)
{
	return stmt_run(db, &meta_sql, SET_FLOOR, ARGS(INT(floor)));
}

enum db_rc
meta_boot_known(struct db *db, const char *id)
{
	int64_t same;

	return stmt_one(db, &meta_sql, BOOT, ARGS(TEXT(id)), &same);
}

enum db_rc
meta_set_boot(struct db *db, const char *id)
{
	return stmt_run(db, &meta_sql, SET_BOOT, ARGS(TEXT(id)));
}

enum db_rc
meta_served(struct db *db, int64_t *served)
{
	return stmt_one(db, &meta_sql, SERVED, NO_ARGS, served);
}

enum db_rc
meta_set_served(struct db *db, int64_t served)
{
	return stmt_run(db, &meta_sql, SET_SERVED, ARGS(INT(served)));
}

enum db_rc
meta_name_keys_are(struct db *db, const char *version)
{
	int64_t same;

	return stmt_one(db, &meta_sql, NAME_KEYS, ARGS(TEXT(version)), &same);
}

enum db_rc
meta_set_name_keys(struct db *db, const char *version)
{
	return stmt_run(db, &meta_sql, SET_NAME_KEYS, ARGS(TEXT(version)));
}

enum db_rc
meta_touch(struct db *db)
{
	enum db_rc rc = stmt_run(db, &meta_sql, TOUCH, NO_ARGS);

	return rc == DB_OK ? stmt_run(db, &meta_sql, UNTOUCH, NO_ARGS) : rc;
}

enum db_rc
meta_renew(struct db *db)
{
	return stmt_run(db, &meta_sql, RENEW, NO_ARGS);
}
