#include "db/chat/last_delivered.h"

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
#include "db/engine/db.h"
#include "db/rows/presence.h"

/*
 * A slot is the number of the file, how often its place there was swept, and
 * the place, counted from 1.
 */
enum { PLACE_BITS = 24, SWEPT_BITS = 8, FILE_SHIFT = PLACE_BITS + SWEPT_BITS };
#define PLACE_MASK ((INT64_C(1) << PLACE_BITS) - 1)
#define FILE_MASK  ((INT64_C(1) << FILE_SHIFT) - 1)

enum { SWEEP_MS = 10000 }; /* a sweep reads all presence rows */

static const char prefix[] = "delivered-";

struct last_delivered {
	/* set before any other thread sees it */
	uint32_t number;
	int fd; /* holds the lock */
	size_t n;
	void *map;
	_Atomic int64_t *notes; /* in MAP */

	/* under the mutex */
	pthread_mutex_t mutex;
	size_t *unused, n_unused;
	uint8_t *swept; /* by place */
	int64_t looked; /* lease ms of the last sweep; 0: never */
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

/* Removes the file NAME of a daemon that has ended, if no row needs it. */
static void
remove_old(struct store *store, struct db *db, const char *name)
{
	int64_t number = strtoll(name + sizeof(prefix) - 1, NULL, 16);
	int64_t first = number << FILE_SHIFT;
	struct buf path = BUF_INIT;
	int fd;

	add_path(&path, store, (uint32_t)number);
	fd = open(buf_str(&path), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    presence_slots_used(db, first, first | FILE_MASK) == DB_NONE)
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

/* The blocks are reserved: writing where none are left raises SIGBUS. */
static int
make(struct last_delivered *d, struct store *store)
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
		log_warn("delivery to streams cannot be recorded",
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

struct last_delivered *
last_delivered_open(struct store *store, int64_t n)
{
	struct last_delivered *d = must_alloc(sizeof(*d));

	must(n > 0 && n < PLACE_MASK);
	remove_old_files(store);
	d->n = (size_t)n;
	/* So that no slot is negative. */
	d->number = randombytes_random() >> 1;
	if (make(d, store) != 0) {
		free(d);
		return NULL;
	}
	must(pthread_mutex_init(&d->mutex, NULL) == 0);
	d->unused = must_alloc(d->n * sizeof(*d->unused));
	d->swept = must_alloc(d->n * sizeof(*d->swept));
	for (; d->n_unused < d->n; d->n_unused++)
		d->unused[d->n_unused] = d->n - d->n_unused;
	return d;
}

void
last_delivered_close(struct last_delivered *d)
{
	if (d == NULL)
		return;
	/* The file stays: rows name it until their streams' leases are over. */
	must(munmap(d->map, d->n * sizeof(*d->notes)) == 0);
	(void)close(d->fd);
	must(pthread_mutex_destroy(&d->mutex) == 0);
	free(d->unused);
	free(d->swept);
	free(d);
}

static size_t
index_of(int64_t slot)
{
	return (size_t)(slot & PLACE_MASK) - 1;
}

void
last_delivered_put(struct last_delivered *d, int64_t slot, int64_t seq)
{
	if (d != NULL && slot != 0)
		atomic_store_explicit(
		    &d->notes[index_of(slot)], seq, memory_order_relaxed);
}

/* The slot of PLACE as it is now. */
static int64_t
slot_of(const struct last_delivered *d, size_t place)
{
	return (int64_t)d->number << FILE_SHIFT |
	    (int64_t)d->swept[place - 1] << PLACE_BITS | (int64_t)place;
}

int64_t
last_delivered_take(struct last_delivered *d, int64_t seq)
{
	int64_t slot = 0;

	if (d == NULL)
		return 0;
	must(pthread_mutex_lock(&d->mutex) == 0);
	if (d->n_unused > 0)
		slot = slot_of(d, d->unused[--d->n_unused]);
	must(pthread_mutex_unlock(&d->mutex) == 0);
	last_delivered_put(d, slot, seq);
	return slot;
}

void
last_delivered_give(struct last_delivered *d, int64_t slot)
{
	if (d == NULL || slot == 0)
		return;
	must(pthread_mutex_lock(&d->mutex) == 0);
	d->unused[d->n_unused++] = (size_t)(slot & PLACE_MASK);
	must(pthread_mutex_unlock(&d->mutex) == 0);
}

struct sweep {
	size_t n;
	uint8_t *named; /* by place */
};

static void
mark(int64_t slot, void *arg)
{
	struct sweep *s = arg;

	if (index_of(slot) < s->n)
		s->named[index_of(slot)] = 1;
}

/* Every place that no row names is unused from now on, and a new slot. */
static void
sweep(struct last_delivered *d, const struct sweep *s)
{
	must(pthread_mutex_lock(&d->mutex) == 0);
	d->n_unused = 0;
	for (size_t i = d->n; i > 0; i--)
		if (!s->named[i - 1]) {
			d->swept[i - 1]++;
			d->unused[d->n_unused++] = i;
		}
	must(pthread_mutex_unlock(&d->mutex) == 0);
}

static enum db_rc
sweep_rows(struct last_delivered *d, struct db *db)
{
	int64_t first = (int64_t)d->number << FILE_SHIFT;
	struct sweep s = { d->n, must_alloc(d->n) };
	enum db_rc rc = presence_slots(db, first, first | FILE_MASK, mark, &s);

	if (rc == DB_OK)
		sweep(d, &s);
	free(s.named);
	return rc;
}

enum db_rc
last_delivered_take_for_row(
    struct last_delivered *d, struct db *db, int64_t *slot)
{
	int64_t now = db_lease_now(db);
	enum db_rc rc = DB_OK;

	*slot = last_delivered_take(d, 0);
	if (d == NULL || *slot != 0 ||
	    (d->looked != 0 && now - d->looked < SWEEP_MS))
		return DB_OK;
	d->looked = now;
	rc = sweep_rows(d, db);
	if (rc == DB_OK)
		*slot = last_delivered_take(d, 0);
	return rc;
}

/* Under the mutex. */
static int
is_current(const struct last_delivered *d, int64_t slot)
{
	size_t place = (size_t)(slot & PLACE_MASK);

	return place > 0 && place <= d->n && slot == slot_of(d, place);
}

int
last_delivered_has(struct last_delivered *d, int64_t slot)
{
	int has;

	if (d == NULL)
		return 0;
	must(pthread_mutex_lock(&d->mutex) == 0);
	has = is_current(d, slot);
	must(pthread_mutex_unlock(&d->mutex) == 0);
	return has;
}

int
last_delivered_put_for_row(struct last_delivered *d, int64_t slot, int64_t seq)
{
	int is = 0;

	if (d == NULL)
		return 0;
	must(pthread_mutex_lock(&d->mutex) == 0);
	is = is_current(d, slot);
	if (is)
		last_delivered_put(d, slot, seq);
	must(pthread_mutex_unlock(&d->mutex) == 0);
	return is;
}

int64_t
last_delivered_get(struct last_delivered *d, struct db *db, int64_t slot)
{
	if (slot == 0 || !last_delivered_has(d, slot))
		return last_delivered_read(db, slot);
	return atomic_load_explicit(
	    &d->notes[index_of(slot)], memory_order_relaxed);
}

int64_t
last_delivered_read(struct db *db, int64_t slot)
{
	struct buf path = BUF_INIT;
	int64_t seq = 0;
	int fd;

	if (slot == 0)
		return 0;
	add_path(&path, db_store(db), (uint32_t)(slot >> FILE_SHIFT));
	fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	buf_done(&path);
	if (fd < 0)
		return 0;
	if (pread(fd, &seq, sizeof(seq),
		(off_t)(index_of(slot) * sizeof(seq))) != sizeof(seq))
		seq = 0;
	(void)close(fd);
	return seq;
}
