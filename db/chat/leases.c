#include "db/chat/leases.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/engine/db.h"
#include "db/rows/listeners.h"
#include "db/rows/meta.h"
#include "db/rows/nodes.h"
#include "db/rows/presence.h"

enum {
	FRESH = 8, /* a note younger than this part of its promise stands */
	/* During an outage leases are extended in steps, not at every check. */
	STEP_MS = 1000
};

/* The file holds one for each service. */
struct note {
	int64_t at; /* lease time; 0: never */
	int64_t within; /* ms */
};

static const struct note no_notes[N_SERVICES];

struct gap {
	int64_t from, to;
};

enum { N_GAPS = 3 }; /* of either daemon, and of all services */

static int
open_file(struct db *db)
{
	return store_file_open(db_store(db), "served", O_RDWR);
}

/* Returns lease time, read after the notes: none of this boot is later. */
static int64_t
read_notes(struct db *db, struct note *notes)
{
	int64_t now;
	int fd = open_file(db);

	memset(notes, 0, sizeof(no_notes));
	if (fd >= 0) {
		/* A note that is missing was never made. */
		(void)!pread(fd, notes, sizeof(no_notes), 0);
		(void)close(fd);
	}
	now = db_lease_now(db);
	for (int i = 0; i < N_SERVICES; i++)
		if (notes[i].at > now || notes[i].within <= 0)
			notes[i].at = 0;
	return now;
}

/* If it cannot be written, leases run as if service never stopped. */
static void
write_note(struct db *db, enum service service, int64_t within)
{
	struct note note = { db_lease_now(db), within };
	int fd = open_file(db);

	if (fd < 0)
		return;
	(void)!pwrite(fd, &note, sizeof(note), (off_t)(service * sizeof(note)));
	(void)close(fd);
}

static int
is_late(const struct note *note, int64_t now)
{
	return note->at != 0 && now - note->at > note->within;
}

/* When a service that is late began to be out of order. */
static int64_t
began(const struct note *notes, enum service service)
{
	const struct note *note = &notes[service];

	return service == SERVICE_REQUESTS ? note->at + note->within : note->at;
}

/* The time, until NOW, in which no service was in order. */
static struct gap
all_out(const struct note *notes, int64_t now)
{
	struct gap gap = { 0, now };

	for (int i = 0; i < N_SERVICES; i++) {
		if (notes[i].at == 0)
			continue;
		if (!is_late(&notes[i], now))
			return (struct gap){ now, now };
		if (began(notes, i) > gap.from)
			gap.from = began(notes, i);
	}
	if (gap.from == 0)
		gap.from = now;
	return gap;
}

/* The time for which a daemon that is out of order keeps leases from ending. */
static struct gap
daemon_out(const struct note *notes, enum service service, int64_t now)
{
	struct gap gap = { now, now };

	if (is_late(&notes[service], now)) {
		gap.from = notes[service].at;
		if (now - gap.from > LEASES_GIVEN_UP_MS)
			gap.to = gap.from + LEASES_GIVEN_UP_MS;
	}
	return gap;
}

/* Extends leases by the part of GAP after *DONE; *DONE is then its end. */
static enum db_rc
pass(struct db *db, const struct gap *gap, int64_t *done)
{
	int64_t from = gap->from > *done ? gap->from : *done;
	enum db_rc rc;

	if (gap->to <= from)
		return DB_OK;
	rc = presence_shift(db, from, gap->to - from);
	if (rc == DB_OK)
		rc = listeners_shift(db, from, gap->to - from);
	if (rc == DB_OK)
		rc = nodes_shift(db, from, gap->to - from);
	*done = gap->to;
	return rc;
}

/*
 * The database holds the time up to which gaps have been dealt with.  So each
 * moment counts once, whichever process is first and even if the file is lost.
 */
static enum db_rc
pass_all(struct db *db, const struct gap *gaps, int n, int64_t *passed)
{
	int64_t before, done;
	enum db_rc rc = meta_served(db, &before);

	if (rc != DB_OK)
		return rc;
	done = before;
	for (int i = 0; rc == DB_OK && i < n; i++)
		rc = pass(db, &gaps[i], &done);
	*passed = done - before;
	if (rc != DB_OK || done == before)
		return rc == DB_OK ? DB_NONE : rc;
	return meta_set_served(db, done);
}

enum db_rc
leases_shift(struct db *db, int64_t from, int64_t to)
{
	struct gap gap = { from, to };
	int64_t passed;
	enum db_rc rc = pass_all(db, &gap, 1, &passed);

	return rc == DB_NONE ? DB_OK : rc;
}

static int
by_beginning(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* All gaps, in the order of their beginnings; DB_NONE: there are none. */
static enum db_rc
find_gaps(const struct note *notes, int64_t now, struct gap *gaps)
{
	gaps[0] = daemon_out(notes, SERVICE_STREAMS, now);
	gaps[1] = daemon_out(notes, SERVICE_API, now);
	gaps[2] = all_out(notes, now);
	qsort(gaps, N_GAPS, sizeof(gaps[0]), by_beginning);
	return gaps[0].from < now ? DB_OK : DB_NONE;
}

static enum db_rc
shift_gaps(struct db *db, int64_t ahead)
{
	struct note notes[N_SERVICES];
	struct gap gaps[N_GAPS];
	int64_t passed, now = read_notes(db, notes);
	enum db_rc rc;

	rc = find_gaps(notes, now, gaps);
	if (rc != DB_OK)
		return rc;
	for (int i = 0; i < N_GAPS; i++)
		if (gaps[i].to == now && gaps[i].from < now)
			gaps[i].to += ahead;
	rc = pass_all(db, gaps, N_GAPS, &passed);
	/* Not at every step. */
	if (rc == DB_OK && (ahead == 0 || passed > 2 * ahead))
		log_info("leases are extended by the time without service",
		    "until=%lld", (long long)now);
	return rc;
}

enum db_rc
leases_shift_due(struct db *db)
{
	return shift_gaps(db, STEP_MS);
}

static enum db_rc
end_gap(struct db *db, void *arg)
{
	(void)arg;
	return shift_gaps(db, 0);
}

enum db_rc
leases_note(struct db *db, enum service service, int64_t within)
{
	struct note notes[N_SERVICES], *note = &notes[service];
	struct gap gaps[N_GAPS];
	int64_t now = read_notes(db, notes);
	enum db_rc rc = DB_NONE;

	if (is_late(note, now))
		rc = find_gaps(notes, now, gaps);
	if (rc == DB_OK)
		rc = db_write(db, end_gap, NULL);
	else if (note->at != 0 && note->within == within &&
	    now - note->at < within / FRESH)
		return DB_OK;
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	write_note(db, service, within);
	return DB_OK;
}

enum db_rc
leases_new_boot(struct db *db)
{
	int fd = open_file(db);

	if (fd >= 0) {
		(void)!pwrite(fd, no_notes, sizeof(no_notes), 0);
		(void)close(fd);
	}
	return meta_set_served(db, 0);
}

enum db_rc
leases_start_node(struct db *db, int64_t lease_ms, struct node_id *node)
{
	return nodes_insert(db, db_lease_now(db) + lease_ms, node);
}

enum db_rc
leases_renew_node(struct db *db, struct node_id node, int64_t lease_ms)
{
	return nodes_set_lease(db, node, db_lease_now(db) + lease_ms);
}

enum db_rc
leases_end_nodes(struct db *db, int64_t patience_ms)
{
	int64_t now = db_lease_now(db), dead = now - patience_ms;
	enum db_rc rc;

	rc = presence_end_dead(db, now, dead);
	if (rc == DB_OK)
		rc = listeners_end_dead(db, now, dead);
	return rc == DB_OK ? nodes_drop_dead(db, dead) : rc;
}
