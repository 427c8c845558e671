/*
 * store_floor: what the store alone costs.  Runs the statements of a message,
 * as POST /rooms/{room}/messages does, in batches that share a commit, in the
 * calling thread and without HTTP.
 *
 *   store_floor [-r ROOMS] [-b BATCH] [-n MESSAGES] [-k KEPT] [-p] DIR
 *
 * Makes a store in the empty directory DIR, which holds KEPT messages before
 * the measurement.  The room of each message is chosen at random.  -p: without
 * a client_id.  Prints one line of JSON: `frames` are those of SQLite's
 * write-ahead log for each message, `cpu_us` is for each message as well.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "db/chat/accounts.h"
#include "db/chat/members.h"
#include "db/chat/say.h"
#include "db/chat/schema.h"
#include "db/engine/manage.h"
#include "db/rows/users.h"
#include "tests/load/base.h"

enum { CONTENT_LEN = 100, FILL_BATCH = 256 };

struct place {
	struct room room;
	struct token token; /* of its member */
};

struct bench {
	long rooms, batch, messages, kept;
	int plain; /* without client_id */
	const char *dir;
	struct db *db;
	struct place *places;
	char content[CONTENT_LEN + 1];
	unsigned random;
	long number; /* of messages so far */
	long now; /* messages of this commit */
};

static void
need_ok(enum db_rc rc, const char *what)
{
	if (rc != DB_OK)
		give_up_because(what, "the store refused");
}

/* A room of its own with one member, who writes there. */
static enum db_rc
make_place(struct db *db, void *arg)
{
	struct bench *b = arg;
	struct place *p = &b->places[b->number];
	struct room_draft draft = { .namespace = "main",
		.title = "Load",
		.capacity = 100000,
		.listed = ROOM_UNLISTED };
	struct newcomer who = { .language = "en" };
	struct chatter seat;
	enum problem why;
	int made;
	enum db_rc rc = accounts_make(db, &who.user, &p->token);

	(void)snprintf(
	    draft.name.s, sizeof(draft.name.s), "load-%06lx", b->number);
	draft.owner = who.user;
	if (rc == DB_OK)
		rc = rooms_make(db, &draft, &p->room);
	if (rc == DB_OK)
		rc = members_seat(db, &p->room, &who, &seat, &made, &why);
	b->number++;
	return rc;
}

static long
draw(struct bench *b, long below)
{
	b->random = b->random * 1664525U + 1013904223U;
	return (long)((b->random >> 8) % (unsigned)below);
}

static enum db_rc
send_one(struct db *db, struct bench *b, struct buf *json)
{
	const struct place *p = &b->places[draw(b, b->rooms)];
	struct message_draft draft = { .type = MESSAGE_PLAIN,
		.content = b->content };
	struct sent_result result;
	struct room room;
	char key[64];
	enum problem why;
	enum db_rc rc;

	/* Begins with the time, as those of parlor.js do. */
	(void)snprintf(key, sizeof(key), "%012llx%06lx%014lx",
	    (unsigned long long)(now_ns() / NS_PER_MS), draw(b, 1 << 24),
	    b->number++);
	if (!b->plain)
		draft.client_id = key;
	rc = users_by_token(db, p->token.s, &draft.user);
	if (rc == DB_OK)
		rc = rooms_find(db, p->room.name.s, &room);
	if (rc == DB_OK)
		rc = say_send(db, &room, &draft, json, &result, &why);
	return rc;
}

static enum db_rc
send_batch(struct db *db, void *arg)
{
	struct bench *b = arg;
	struct buf json = BUF_INIT;
	enum db_rc rc = DB_OK;

	for (long i = 0; rc == DB_OK && i < b->now; i++) {
		json.len = 0;
		rc = send_one(db, b, &json);
	}
	buf_done(&json);
	return rc;
}

/*
 * The frames in the write-ahead log, from the index that SQLite shares in
 * memory (mxFrame, https://sqlite.org/walformat.html#the_wal_index_header).
 */
static long
log_frames(int shm)
{
	uint32_t frames;

	if (pread(shm, &frames, sizeof(frames), 16) != sizeof(frames))
		give_up("parlor.db-shm");
	return (long)frames;
}

static int64_t
cpu_ns(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) != 0)
		give_up("getrusage");
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S +
	    (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

/* Sends N messages, BATCH in a commit; the frames that it took. */
static long
send_messages(struct bench *b, int shm, long n, long batch)
{
	long frames = 0, before = log_frames(shm);

	for (; n > 0; n -= b->now) {
		long after;

		b->now = n < batch ? n : batch;
		need_ok(db_write_checked(b->db, NULL, send_batch, b), "send");
		after = log_frames(shm);
		/* A log that was checkpointed begins anew. */
		frames += after >= before ? after - before : after;
		before = after;
	}
	return frames;
}

static int
open_index(const struct bench *b)
{
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/parlor.db-shm", b->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		give_up(path);
	return fd;
}

static void
measure(struct bench *b)
{
	int shm = open_index(b);
	int64_t cpu, began;
	double n = (double)b->messages, ns, used;
	long frames;

	(void)send_messages(b, shm, b->kept, FILL_BATCH);
	cpu = cpu_ns();
	began = now_ns();
	frames = send_messages(b, shm, b->messages, b->batch);
	ns = (double)(now_ns() - began);
	used = (double)(cpu_ns() - cpu);
	(void)close(shm);
	printf("{\"rooms\":%ld,\"batch\":%ld,\"kept\":%ld,\"client_ids\":%s,"
	       "\"messages\":%ld,\"messages_per_s\":%.0f,\"cpu_us\":%.2f,"
	       "\"frames\":%.3f,\"commit_ms\":%.3f}\n",
	    b->rooms, b->batch, b->kept, b->plain ? "false" : "true",
	    b->messages, n / ns * (double)NS_PER_S, used / n / 1000,
	    (double)frames / n, ns / (double)NS_PER_MS * (double)b->batch / n);
}

static void
read_options(struct bench *b, int argc, char **argv)
{
	static const char usage[] = "[-r ROOMS] [-b BATCH] [-n MESSAGES]"
				    " [-k KEPT] [-p] DIR";
	int option;

	while ((option = getopt(argc, argv, "r:b:n:k:p")) != -1) {
		long *to = option == 'r' ? &b->rooms :
		    option == 'b'        ? &b->batch :
		    option == 'n'        ? &b->messages :
		    option == 'k'        ? &b->kept :
					   NULL;

		if (option == 'p')
			b->plain = 1;
		else if (to == NULL || (*to = strtol(optarg, NULL, 10)) < 0)
			give_up_because("store_floor", usage);
	}
	if (optind != argc - 1 || b->rooms == 0 || b->batch == 0)
		give_up_because("store_floor", usage);
	b->dir = argv[optind];
}

int
main(int argc, char **argv)
{
	struct bench b = { .rooms = 1000,
		.batch = 64,
		.messages = 40000,
		.kept = 60000,
		.random = 1 };
	struct settings settings;
	struct store_options options;
	struct store *store;
	int before;

	read_options(&b, argc, argv);
	settings_default(&settings);
	options = schema_options(&settings, STORE_DIRECT);
	options.dir = b.dir;
	b.places = need((size_t)b.rooms, sizeof(*b.places));
	memset(b.content, 'x', CONTENT_LEN);
	need_ok(manage_migrate(&options, &before), "migrate");
	need_ok(store_open(&options, &store), "open");
	b.db = store_db(store);
	while (b.number < b.rooms)
		need_ok(db_write(b.db, make_place, &b), "make rooms");
	b.number = 0;
	measure(&b);
	store_close(store);
	free(b.places);
	return 0;
}
