#include "tests/lib/raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "db/base/buf.h"

sqlite3 *
raw_open(const struct fixture *f, int flags)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite;

	buf_addf(&path, "%s/parlor.db", f->dir);
	assert_int_equal(
	    sqlite3_open_v2(buf_str(&path), &sqlite, flags, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_db_config(
			     sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL),
	    SQLITE_OK);
	buf_done(&path);
	return sqlite;
}

int
raw_rows(const struct fixture *f, const char *table, const char *where)
{
	sqlite3 *sqlite = raw_open(f, SQLITE_OPEN_READONLY);
	struct buf text = BUF_INIT;
	sqlite3_stmt *s;
	int n;

	buf_addf(&text, "SELECT count(*) FROM %s WHERE %s", table, where);
	assert_int_equal(
	    sqlite3_prepare_v2(sqlite, buf_str(&text), -1, &s, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int(s, 0);
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	buf_done(&text);
	return n;
}

int
raw_holds(const struct fixture *f, const char *text)
{
	static const char *const files[] = { "parlor.db", "parlor.db-wal" };
	struct buf path = BUF_INIT, bytes = BUF_INIT;
	int found = 0;
	size_t n;
	FILE *file;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		buf_clear(&path);
		buf_clear(&bytes);
		buf_addf(&path, "%s/%s", f->dir, files[i]);
		file = fopen(buf_str(&path), "re");
		assert_non_null(file);
		while (
		    (n = fread(buf_space(&bytes, BUFSIZ), 1, BUFSIZ, file)) > 0)
			bytes.len += n;
		assert_int_equal(fclose(file), 0);
		found |= bytes.len > 0 &&
		    memmem(bytes.p, bytes.len, text, strlen(text)) != NULL;
	}
	buf_done(&path);
	buf_done(&bytes);
	return found;
}
