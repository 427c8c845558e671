#include "db/engine/sqlite/version.h"

#include "db/base/buf.h"
#include "db/engine/migrations.h"
#include "db/engine/sqlite/connection.h"

int
version_of(const char *dir)
{
	struct buf path = BUF_INIT;
	int number = -1;
	struct db *db;

	buf_addf(&path, "%s/parlor.db", dir);
	if (connection_open_to_look(buf_str(&path), NULL, &db) == DB_OK)
		number = connection_schema(db);
	connection_close(db);
	buf_done(&path);
	return number;
}

const char *
version_wrong(int number)
{
	if (number < 0)
		return "the database cannot be read; see parlor check";
	if (number == 0)
		return "the database is empty: if it was copied, copy"
		       " parlor.db-wal with it, or restore the last backup; for"
		       " a new chat run parlor migrate";
	if (number > store_schema)
		return "this database was made by a newer Parlor; install that"
		       " version";
	if (number < store_schema)
		return "this database was made by an older Parlor; run parlor"
		       " migrate";
	return NULL;
}
