#include "db/leases.h"

#include <fcntl.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/migrate.h"
#include "db/stmt.h"
#include "db/store.h"

enum { SHIFT_ROWS, SHIFT_LISTENERS, SHIFT_NODES, SERVED, SET_SERVED, N_SQL };

static const char *const sql[N_SQL] = {
	[SHIFT_ROWS] = "UPDATE presence SET expires = expires + ?2"
		       " WHERE expires > ?1",
	[SHIFT_LISTENERS] = "UPDATE listener SET expires = expires + ?2"
			    " WHERE expires > ?1",
	[SHIFT_NODES] = "UPDATE node SET lease = lease + ?2 WHERE lease > ?1",
	[SERVED] = "SELECT served FROM meta WHERE one = 1",
	[SET_SERVED] = "UPDATE meta SET served = ? WHERE one = 1",
};
const struct sql leases_sql = { SQL_LEASES, sql, N_SQL };

enum { WORTH_NOTING_MS = 50 };

/* What the file holds. */
struct note {
	int64_t at; /* lease time; 0: nobody has noted any yet */
	int64_t within; /* ms */
};

static int
open_file(struct db *db)
{
	struct buf path = BUF_INIT;
	int fd;

	buf_addf(&path, "%s/served", store_dir(db->store));
	fd = open(buf_str(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    migrate_file_mode(store_dir(db->store)));
	buf_done(&path);
	return fd;
}

/* A time to come is of before the machine was started. */
static struct note
read_note(struct db *db)
{
	struct note note = { 0, 0 };
	int fd = open_file(db);

	if (fd >= 0 &&
	    (pread(fd, &note, sizeof(note), 0) != sizeof(note) ||
		note.at > clock_lease()))
		note = (struct note){ 0, 0 };
	if (fd >= 0)
		(void)close(fd);
	return note;
}

/* Where it cannot be written leases run as if service never stopped. */
static void
write_note(struct db *db, int64_t within)
{
	struct note note = { clock_lease(), within };
	int fd = open_file(db);

	if (fd < 0)
		return;
	(void)!pwrite(fd, &note, sizeof(note), 0);
	(void)close(fd);
}

/* By how much the note that is due now is late; 0 or less: it is not. */
static int64_t
late(const struct note *note)
{
	return note->at != 0 ? clock_lease() - note->at - note->within : 0;
}

enum db_rc
leases_shift(struct db *db, int64_t from, int64_t to)
{
	enum db_rc rc = DB_OK;

	for (int i = SHIFT_ROWS; rc == DB_OK && i <= SHIFT_NODES; i++)
		rc = stmt_run(
		    db, &leases_sql, i, ARGS(INT(from), INT(to - from)));
	return rc;
}

/*
 * The file may be written after the commit alone: what has been done about a
 * gap stands in the database, so that it is done once or not at all.
 */
enum db_rc
leases_look(struct db *db)
{
	struct note note = read_note(db);
	int64_t shifted, gap;
	enum db_rc rc;

	if (late(&note) <= 0)
		return DB_NONE;
	rc = stmt_one(db, &leases_sql, SERVED, NO_ARGS, &shifted);
	if (rc == DB_OK && shifted > note.at && shifted <= clock_lease())
		note.at = shifted;
	gap = late(&note);
	if (rc != DB_OK || gap <= 0)
		return rc == DB_OK ? DB_NONE : rc;
	rc = leases_shift(db, note.at, note.at + gap);
	if (rc == DB_OK)
		rc = stmt_run(
		    db, &leases_sql, SET_SERVED, ARGS(INT(clock_lease())));
	if (rc == DB_OK)
		log_info("leases are moved by the time without service",
		    "ms=%lld", (long long)gap);
	return rc;
}

static enum db_rc
look(struct db *db, void *arg)
{
	(void)arg;
	return leases_look(db);
}

enum db_rc
leases_note(struct db *db, int64_t within)
{
	struct note note = read_note(db);
	enum db_rc rc = DB_OK;

	if (late(&note) > 0)
		rc = db_write(db, look, NULL);
	else if (note.within == within &&
	    clock_lease() - note.at < WORTH_NOTING_MS)
		return DB_OK;
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	write_note(db, within);
	return DB_OK;
}

enum db_rc
leases_note_request(struct db *db, int64_t within)
{
	struct note note = read_note(db);

	return leases_note(
	    db, note.at != 0 && late(&note) <= 0 ? note.within : within);
}
