#include "db/engine/sqlite/check.h"

#include <sys/stat.h>
#include <sys/vfs.h>

#include <sqlite3.h>
#include <stdarg.h>

#include "db/engine/migrations.h"
#include "db/base/buf.h"
#include "db/rows/rekey.h"
#include "db/engine/sqlite/datadir.h"
#include "db/engine/sqlite/store.h"

struct check {
	const char *dir;
	check_fn fn;
	void *arg;
	int n;
};

static void find(struct check *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
find(struct check *c, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* SQLite speaks in several lines, and names come from outside. */
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	c->fn(line, c->arg);
	c->n++;
}

/* What is left of a deleted room has neither presence nor awaiting. */
#define OF_A_ROOM " AND room NOT IN (SELECT id FROM room WHERE gone >= 0)"

/* Each gives one row with one text for whatever is wrong. */
static const struct {
	const char *sql;
	const char *mend;
} questions[] = {
	{ "SELECT 'a row of ' || \"table\" || ' (' || coalesce(rowid, '?') ||"
	  " ') names a missing ' || parent FROM pragma_foreign_key_check",
	    "delete that row, or restore the last backup" },
	{ "SELECT 'the store has ' || n || ' rows of meta' FROM"
	  " (SELECT count(*) AS n FROM meta) WHERE n <> 1",
	    "restore the last backup" },
	{ "SELECT 'room ' || name || ' says that ' || online || ' are online,"
	  " but ' || n || ' are' FROM (SELECT name, online,"
	  " (SELECT count(DISTINCT chatter) FROM presence"
	  " WHERE presence.room = room.id) AS n FROM room) WHERE online <> n",
	    "report this, and set room.online to the number of"
	    " chatters with presence" },
	{ "SELECT 'person ' || id || ' has ' || unread || ' unread notifications,"
	  " but ' || n || ' are stored' FROM (SELECT id, unread,"
	  " (SELECT count(*) FROM notification WHERE notification.person ="
	  " person.id AND read IS NULL) AS n FROM person) WHERE unread <> n",
	    "report this, and set person.unread to the number of notification"
	    " rows with read NULL" },
	{ "SELECT 'notification ' || id || ' stands for ' || count ||"
	  " ' acts, but ' || n || ' are stored' FROM (SELECT id, count, latest,"
	  " (SELECT count(*) FROM act WHERE notification = notification.id)"
	  " AS n FROM notification) AS one WHERE count < n OR NOT EXISTS"
	  " (SELECT 1 FROM act WHERE act.id = one.latest"
	  " AND act.notification = one.id)",
	    "report this, and delete that row of notification" },
	{ "SELECT 'chatter ' || name || ' is away, but no absence says so'"
	  " FROM chatter WHERE left_at IS NULL AND id NOT IN"
	  " (SELECT chatter FROM presence) AND id NOT IN"
	  " (SELECT chatter FROM absence WHERE upto IS NULL)" OF_A_ROOM,
	    "report this, and insert the absence" },
	{ "SELECT 'chatter ' || name || ' is no member who is away, but an"
	  " absence says so' FROM absence JOIN chatter ON id = chatter"
	  " WHERE upto IS NULL AND (left_at IS NOT NULL OR id IN"
	  " (SELECT chatter FROM presence))",
	    "report this, and delete the absence" },
	{ "SELECT 'chatter ' || name || ' is away and listens, but awaits no"
	  " messages' FROM absence JOIN chatter ON id = chatter"
	  " WHERE upto IS NULL AND person IN (SELECT person FROM listener)"
	  " AND id NOT IN (SELECT chatter FROM unread_watcher)" OF_A_ROOM,
	    "report this, and delete the person's listeners" },
	{ "SELECT 'chatter ' || name || ' awaits messages, but is present or"
	  " does not listen' FROM unread_watcher JOIN chatter"
	  " ON chatter.id = unread_watcher.chatter"
	  " WHERE chatter.id NOT IN"
	  " (SELECT chatter FROM absence WHERE upto IS NULL)"
	  " OR unread_watcher.person NOT IN (SELECT person FROM listener)",
	    "report this, and delete it from unread_watcher" },
	{ "SELECT 'chatter ' || name || ' was told that ' || told || ' are"
	  " unread, but ' || n || ' are' FROM (SELECT name, told,"
	  " (SELECT min(count(*), 1000) FROM absence AS a JOIN message AS m"
	  " ON m.room = c.room AND m.id > max(a.since, c.read)"
	  " AND m.id <= coalesce(a.upto, m.id) WHERE a.chatter = c.id"
	  " AND m.deleted IS NULL"
	  " AND coalesce(m.chatter <> c.id, m.key IS NOT NULL)) AS n"
	  " FROM (SELECT chatter FROM unread_watcher"
	  " UNION SELECT chatter FROM presence) AS w"
	  " JOIN chatter AS c ON c.id = w.chatter)"
	  " WHERE told <> n",
	    "report this; the count is right again with the next visit" },
	{ "SELECT 'room ' || name || ' says that its last message is ' ||"
	  " last_message || ', but it is ' || n FROM (SELECT name,"
	  " last_message, (SELECT coalesce(max(message.id), 0) FROM message"
	  " WHERE message.room = room.id) AS n FROM room)"
	  " WHERE last_message < n",
	    "report this, and set room.last_message to the larger" },
};

static void
close_question(struct check *c, sqlite3 *sqlite, sqlite3_stmt *s, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		find(c,
		    "the database cannot be read: %s; check its owner and"
		    " the disk, else restore the last backup",
		    sqlite3_errmsg(sqlite));
	(void)sqlite3_finalize(s);
}

static void
ask(struct check *c, sqlite3 *sqlite, const char *sql, const char *mend)
{
	sqlite3_stmt *s;
	int rc;

	rc = sqlite3_prepare_v2(sqlite, sql, -1, &s, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		find(
		    c, "%s; %s", (const char *)sqlite3_column_text(s, 0), mend);
		rc = SQLITE_OK;
	}
	close_question(c, sqlite, s, rc);
}

/*
 * A pragma of its own: as a function of SELECT newer versions of SQLite take
 * the number for the name of a table.
 */
static void
check_integrity(struct check *c, sqlite3 *sqlite)
{
	sqlite3_stmt *s;
	int rc;

	rc = sqlite3_prepare_v2(
	    sqlite, "PRAGMA integrity_check(20)", -1, &s, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *said = (const char *)sqlite3_column_text(s, 0);

		if (strcmp(said, "ok") != 0)
			find(c,
			    "the database is damaged: %s; stop all programs"
			    " and restore the last backup",
			    said);
		rc = SQLITE_OK;
	}
	close_question(c, sqlite, s, rc);
}

static void
check_inside(struct check *c, sqlite3 *sqlite)
{
	int number = db_schema(sqlite);

	if (number < 0)
		find(c,
		    "%s/parlor.db cannot be read: %s; check its owner, or"
		    " restore the last backup",
		    c->dir, sqlite3_errmsg(sqlite));
	else if (number != store_schema)
		find(c, "%s (its schema is %d, this program's is %d)",
		    datadir_wrong_schema(number), number, store_schema);
	if (number != store_schema)
		return;
	check_integrity(c, sqlite);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		ask(c, sqlite, questions[i].sql, questions[i].mend);
	if (rekey_due(sqlite))
		find(c,
		    "which nicknames look the same was decided by another"
		    " version of parlor or ICU; run parlor --data %s migrate",
		    c->dir);
}

static void
check_database(struct check *c)
{
	struct buf path = BUF_INIT;
	sqlite3 *sqlite = NULL;

	buf_addf(&path, "%s/parlor.db", c->dir);
	if (sqlite3_open_v2(buf_str(&path), &sqlite, SQLITE_OPEN_READONLY,
		NULL) != SQLITE_OK) {
		find(c,
		    "%s cannot be opened: %s; run parlor --data %s migrate,"
		    " or check its owner",
		    buf_str(&path), sqlite3_errmsg(sqlite), c->dir);
	} else {
		(void)sqlite3_busy_timeout(sqlite, DB_BUSY_MS);
		/* Checkpoints are made under the lock of the store alone. */
		(void)sqlite3_db_config(
		    sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		check_inside(c, sqlite);
	}
	(void)sqlite3_close(sqlite);
	buf_done(&path);
}

/* Both "" and what SQLite puts beside a database have its rights. */
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
			find(c,
			    "everybody on this machine may use %s (mode"
			    " %03o); run chmod o-rwx %s",
			    buf_str(&path), (unsigned)st.st_mode & 0777U,
			    buf_str(&path));
		if (st.st_uid != dir.st_uid)
			find(c,
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
				find(c,
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
			find(c,
			    "%s is on %s, where locks and shared memory"
			    " do not hold; move it to a local disk",
			    c->dir, remote[i].name);
}

int
check_run(const char *dir, check_fn fn, void *arg)
{
	struct check c = { dir, fn, arg, 0 };

	c.n = datadir_look(dir, fn, arg);
	if (c.n > 0)
		return c.n;
	check_database(&c);
	check_rights(&c);
	check_served(&c);
	check_file_system(&c);
	return c.n;
}
