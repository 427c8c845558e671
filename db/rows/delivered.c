#include "db/rows/delivered.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/rows/sql.h"

/* A slot is the number of the file, and its place there, counted from 1. */
enum { PLACE_BITS = 32 };
#define PLACE_MASK ((INT64_C(1) << PLACE_BITS) - 1)

enum { NAMED, N_SQL };

static const char *const sql[N_SQL] = {
	/* Only at the start of a daemon; no more rows than connections. */
	[NAMED] = "SELECT 1 FROM presence WHERE room > 0"
		  " AND slot BETWEEN ? AND ? LIMIT 1",
};
const struct sql delivered_sql = { SQL_DELIVERED, sql, N_SQL };

static const char prefix[] = "delivered-";

struct delivered {
	/* set before any other thread sees it */
	uint32_t number;
	int fd; /* holds the lock */
	size_t n;
	void *map;
	_Atomic int64_t *notes; /* in MAP; each is one thread's at a time */

	/* under the mutex */
	pthread_mutex_t mutex;
	size_t *unused, n_unused;
};

static void
add_name(struct buf *b, uint32_t number)
{
	buf_addf(b, "%s%08" PRIx32, prefix, number);
}

static void
add_path(struct buf *b, struct store *store, uint32_t number)
{
	buf_addf(b, "%s/", store_dir(store));
	add_name(b, number);
}

/* Gives up the file NAME of a daemon that has ended, if no row needs it. */
static void
remove_old(struct store *store, struct db *db, const char *name)
{
	int64_t number = strtoll(name + sizeof(prefix) - 1, NULL, 16), named;
	int64_t first = number << PLACE_BITS;
	struct buf path = BUF_INIT;
	int fd;

	add_path(&path, store, (uint32_t)number);
	fd = open(buf_str(&path), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    stmt_one(db, &delivered_sql, NAMED,
		ARGS(INT(first), INT(first | PLACE_MASK)), &named) == DB_NONE)
		(void)unlink(buf_str(&path));
	if (fd >= 0)
		(void)close(fd);
	buf_done(&path);
}

static void
remove_old_files(struct store *store)
{
	struct db *db = store_db(store);
	DIR *dir = opendir(store_dir(store));
	struct dirent *entry;

	while (dir != NULL && db != NULL && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) == 0)
			remove_old(store, db, entry->d_name);
	if (dir != NULL)
		(void)closedir(dir);
}

/* The blocks are reserved: to write where there are none left is a SIGBUS. */
static int
make(struct delivered *d, struct store *store)
{
	size_t size = d->n * sizeof(*d->notes);
	struct buf name = BUF_INIT, path = BUF_INIT;
	void *map = MAP_FAILED;

	add_name(&name, d->number);
	add_path(&path, store, d->number);
	d->fd = store_file_open(store, buf_str(&name), O_RDWR | O_EXCL);
	if (d->fd >= 0 && flock(d->fd, LOCK_EX | LOCK_NB) == 0 &&
	    (errno = posix_fallocate(d->fd, 0, (off_t)size)) == 0)
		map = mmap(
		    NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);
	if (map == MAP_FAILED) {
		log_warn("what streams are delivered is not noted",
		    "path=\"%s\" error=\"%s\"", buf_str(&path),
		    strerror(errno));
		if (d->fd >= 0) {
			(void)unlink(buf_str(&path));
			(void)close(d->fd);
		}
	}
	buf_done(&name);
	buf_done(&path);
	d->map = map;
	d->notes = map;
	return map != MAP_FAILED ? 0 : -1;
}

struct delivered *
delivered_open(struct store *store, int64_t n)
{
	struct delivered *d = must_alloc(sizeof(*d));

	must(n > 0 && n < PLACE_MASK);
	remove_old_files(store);
	d->n = (size_t)n;
	/* The sign of a slot stays free. */
	d->number = randombytes_random() >> 1;
	if (make(d, store) != 0) {
		free(d);
		return NULL;
	}
	must(pthread_mutex_init(&d->mutex, NULL) == 0);
	d->unused = must_alloc(d->n * sizeof(*d->unused));
	for (; d->n_unused < d->n; d->n_unused++)
		d->unused[d->n_unused] = d->n - d->n_unused;
	return d;
}

void
delivered_close(struct delivered *d)
{
	if (d == NULL)
		return;
	/* The file stays: rows name it until their streams' leases are over. */
	must(munmap(d->map, d->n * sizeof(*d->notes)) == 0);
	(void)close(d->fd);
	must(pthread_mutex_destroy(&d->mutex) == 0);
	free(d->unused);
	free(d);
}

void
delivered_put(struct delivered *d, int64_t slot, int64_t seq)
{
	if (d != NULL && slot != 0)
		atomic_store_explicit(&d->notes[(slot & PLACE_MASK) - 1], seq,
		    memory_order_relaxed);
}

int64_t
delivered_take(struct delivered *d, int64_t seq)
{
	int64_t slot = 0;

	if (d == NULL)
		return 0;
	must(pthread_mutex_lock(&d->mutex) == 0);
	if (d->n_unused > 0)
		slot = (int64_t)d->number << PLACE_BITS |
		    (int64_t)d->unused[--d->n_unused];
	must(pthread_mutex_unlock(&d->mutex) == 0);
	delivered_put(d, slot, seq);
	return slot;
}

void
delivered_give(struct delivered *d, int64_t slot)
{
	if (d == NULL || slot == 0)
		return;
	must(pthread_mutex_lock(&d->mutex) == 0);
	d->unused[d->n_unused++] = (size_t)(slot & PLACE_MASK);
	must(pthread_mutex_unlock(&d->mutex) == 0);
}

int64_t
delivered_read(struct db *db, int64_t slot)
{
	int64_t place = slot & PLACE_MASK, seq = 0;
	struct buf path = BUF_INIT;
	int fd;

	if (slot == 0)
		return 0;
	add_path(&path, db_store(db), (uint32_t)(slot >> PLACE_BITS));
	fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	buf_done(&path);
	if (fd < 0)
		return 0;
	if (pread(fd, &seq, sizeof(seq),
		(off_t)((size_t)(place - 1) * sizeof(seq))) != sizeof(seq))
		seq = 0;
	(void)close(fd);
	return seq;
}
