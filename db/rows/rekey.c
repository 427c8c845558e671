#include "db/rows/rekey.h"

#include "db/base/log.h"
#include "db/text/lookalike.h"

/* name_key(NAME, N) is the Nth key of NAME (db/text/lookalike.h). */
static const char make_keys[] =
    "UPDATE chatter SET nickname_key = name_key(nickname, 0),"
    " folded_key = name_key(nickname, 1),"
    " capital_key = name_key(nickname, 2)";
_Static_assert(KEY_WRITTEN == 0 && KEY_FOLDED == 1 && KEY_CAPITAL == 2 &&
	LOOKALIKE_KEYS == 3,
    "as in make_keys");

static void
name_key(sqlite3_context *context, int n, sqlite3_value **values)
{
	struct lookalike keys = LOOKALIKE_INIT;
	const struct buf *key = &keys.key[sqlite3_value_int(values[1])];

	(void)n;
	lookalike_keys((const char *)sqlite3_value_text(values[0]), &keys);
	sqlite3_result_text64(
	    context, buf_str(key), key->len, SQLITE_TRANSIENT, SQLITE_UTF8);
	lookalike_done(&keys);
}

static int
make_function(sqlite3 *sqlite)
{
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

	return sqlite3_create_function_v2(
	    sqlite, "name_key", 2, flags, NULL, name_key, NULL, NULL, NULL);
}

/*
 * Says in the store that its keys are of VERSION.  SQLITE_DONE; *CHANGED 0:
 * they were already.
 */
static int
set_version(sqlite3 *sqlite, const struct buf *version, int *changed)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(sqlite,
	    "UPDATE meta SET name_keys = ?1 WHERE name_keys <> ?1", -1, &s,
	    NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(
		    s, 1, buf_str(version), -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	*changed = sqlite3_changes(sqlite);
	(void)sqlite3_finalize(s);
	return rc;
}

static int
rekey(sqlite3 *sqlite, const struct buf *version)
{
	int changed, rc;

	rc = sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	rc = set_version(sqlite, version, &changed);
	if (rc == SQLITE_DONE)
		rc = changed == 0 ?
		    SQLITE_OK :
		    sqlite3_exec(sqlite, make_keys, NULL, NULL, NULL);
	return rc != SQLITE_OK ?
	    rc :
	    sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL);
}

enum db_rc
rekey_run(sqlite3 *sqlite)
{
	struct buf version = BUF_INIT;
	int rc = make_function(sqlite);

	lookalike_add_version(&version);
	if (rc == SQLITE_OK)
		rc = rekey(sqlite, &version);
	buf_done(&version);
	return rc == SQLITE_OK ? DB_OK : DB_FAIL;
}

int
rekey_due(sqlite3 *sqlite)
{
	struct buf version = BUF_INIT;
	sqlite3_stmt *s = NULL;
	int due = 0;

	lookalike_add_version(&version);
	if (sqlite3_prepare_v2(sqlite,
		"SELECT 1 FROM meta WHERE name_keys <> ?", -1, &s,
		NULL) == SQLITE_OK &&
	    sqlite3_bind_text(s, 1, buf_str(&version), -1, SQLITE_STATIC) ==
		SQLITE_OK)
		due = sqlite3_step(s) == SQLITE_ROW;
	(void)sqlite3_finalize(s);
	buf_done(&version);
	return due;
}
