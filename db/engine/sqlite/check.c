#include "db/engine/sqlite/check.h"

#include <sys/stat.h>
#include <sys/vfs.h>

#include <stdlib.h>
#include <string.h>

#include "db/base/buf.h"
#include "db/engine/migrations.h"
#include "db/engine/sqlite/datadir_check.h"
#include "db/engine/sqlite/stmt.h"
#include "db/engine/sqlite/version.h"

struct check {
	const char *dir;
	struct db *db;
	struct findings *findings;
};

static void
close_question(struct check *c, sqlite3_stmt *s, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		findings_add(c->findings,
		    "the database cannot be read: %s; check its owner and"
		    " the disk, else restore the last backup",
		    sqlite3_errmsg(c->db->sqlite));
	(void)sqlite3_finalize(s);
}

static void
ask(struct check *c, const struct schema_question *q)
{
	sqlite3_stmt *s;
	int rc;

	rc = sqlite3_prepare_v2(c->db->sqlite, q->sql, -1, &s, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		findings_add(c->findings, "%s; %s",
		    (const char *)sqlite3_column_text(s, 0), q->mend);
		rc = SQLITE_OK;
	}
	close_question(c, s, rc);
}

/*
 * Uses the pragma itself: as a function of SELECT, newer versions of SQLite
 * take the number for the name of a table.
 */
static void
check_integrity(struct check *c)
{
	sqlite3_stmt *s;
	int rc;

	rc = sqlite3_prepare_v2(
	    c->db->sqlite, "PRAGMA integrity_check(20)", -1, &s, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *said = (const char *)sqlite3_column_text(s, 0);

		if (strcmp(said, "ok") != 0)
			findings_add(c->findings,
			    "the database is damaged: %s; stop all programs"
			    " and restore the last backup",
			    said);
		rc = SQLITE_OK;
	}
	close_question(c, s, rc);
}

static const struct schema_question foreign_keys = {
	"SELECT 'a row of ' || \"table\" || ' (' || coalesce(rowid, '?') ||"
	" ') names a missing ' || parent FROM pragma_foreign_key_check",
	"delete that row, or restore the last backup"
};

static void
check_tables(struct check *c)
{
	const struct schema *schema = c->db->schema;

	ask(c, &foreign_keys);
	for (const struct schema_question *q = schema->questions;
	     q->sql != NULL; q++)
		ask(c, q);
	stmt_open_all(c->db);
	if (schema->upgrade_due(c->db) == DB_OK)
		findings_add(c->findings, "%s; run parlor --data %s migrate",
		    schema->upgrade_finding, c->dir);
	stmt_close_all(c->db);
}

static void
check_inside(struct check *c)
{
	int number = connection_schema(c->db);

	if (number < 0)
		findings_add(c->findings,
		    "%s/parlor.db cannot be read: %s; check its owner, or"
		    " restore the last backup",
		    c->dir, sqlite3_errmsg(c->db->sqlite));
	else if (number != store_schema)
		findings_add(c->findings,
		    "%s (its schema is %d, this program's is %d)",
		    version_wrong(number), number, store_schema);
	if (number != store_schema)
		return;
	check_integrity(c);
	check_tables(c);
}

static void
check_database(struct check *c, const struct schema *schema)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/parlor.db", c->dir);
	if (connection_open_to_look(buf_str(&path), schema, &c->db) == DB_OK)
		check_inside(c);
	else
		findings_add(c->findings,
		    "%s cannot be opened: %s; run parlor --data %s migrate,"
		    " or check its owner",
		    buf_str(&path), sqlite3_errmsg(c->db->sqlite), c->dir);
	connection_close(c->db);
	buf_done(&path);
}

/* SQLite gives the files beside a database the database's permissions. */
static const char *const files[] = { "", "/parlor.db", "/parlor.db-wal",
	"/parlor.db-shm", "/parlor.lock", "/ballast", "/doorbell" };

static void
check_rights(struct check *c)
{
	struct buf path = BUF_INIT;
	struct stat dir, st;

	if (stat(c->dir, &dir) != 0)
		dir.st_uid = (uid_t)-1;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		buf_clear(&path);
		buf_addf(&path, "%s%s", c->dir, files[i]);
		if (stat(buf_str(&path), &st) != 0)
			continue;
		if ((st.st_mode & S_IRWXO) != 0)
			findings_add(c->findings,
			    "everybody on this machine may use %s (mode"
			    " %03o); run chmod o-rwx %s",
			    buf_str(&path), (unsigned)st.st_mode & 0777U,
			    buf_str(&path));
		if (st.st_uid != dir.st_uid)
			findings_add(c->findings,
			    "%s belongs to user %u and its directory to"
			    " user %u; run chown %u %s",
			    buf_str(&path), st.st_uid, dir.st_uid, dir.st_uid,
			    buf_str(&path));
	}
	buf_done(&path);
}

static const char *const served[] = { "public_html", "www", "htdocs" };

static void
check_served(struct check *c)
{
	char *real = realpath(c->dir, NULL), *next = real, *part;

	while ((part = strsep(&next, "/")) != NULL)
		for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++)
			if (strcmp(part, served[i]) == 0)
				findings_add(c->findings,
				    "%s lies under %s, which a web server"
				    " may hand out; move it and set data"
				    " to the new place",
				    c->dir, part);
	free(real);
}

/* Numbers of linux/magic.h and statfs(2). */
static const struct {
	uint32_t type;
	const char *name;
} remote[] = {
	{ 0x6969, "NFS" },
	{ 0xff534d42, "CIFS" },
	{ 0xfe534d42, "SMB" },
	{ 0x517b, "SMB" },
	{ 0x65735546, "FUSE" },
	{ 0x5346414f, "AFS" },
	{ 0x01021997, "9p" },
	{ 0x00c36400, "Ceph" },
	{ 0x0bd00bd0, "Lustre" },
};

static void
check_file_system(struct check *c)
{
	struct statfs fs;

	if (statfs(c->dir, &fs) != 0)
		return;
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if ((uint32_t)fs.f_type == remote[i].type)
			findings_add(c->findings,
			    "%s is on %s, where locks and shared memory"
			    " do not hold; move it to a local disk",
			    c->dir, remote[i].name);
}

int
check_run(
    const char *dir, const struct schema *schema, findings_fn fn, void *arg)
{
	struct findings f = { fn, arg, 0 };
	struct check c = { dir, NULL, &f };

	if (datadir_check_find(dir, &f) > 0)
		return f.n;
	check_database(&c, schema);
	check_rights(&c);
	check_served(&c);
	check_file_system(&c);
	return f.n;
}
