#include "poller/reaper.h"

#include <pthread.h>
#include <stdatomic.h>

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/chat/maintenance.h"
#include "db/rows/events.h"
#include "db/chat/leases.h"
#include "db/rows/nodes.h"
#include "db/rows/steady.h"
#include "db/engine/storage.h"

enum {
	PRUNE_EVERY_MS = 5000,
	NOTE_MS = 1000, /* the least time that a turn may take */
	TURNS = 4, /* in that time, where reap_ms is long */
	RENEWALS = 3 /* in the time of one lease */
};

struct reaper {
	/* set before the thread starts */
	struct store *store;
	const struct settings *settings;
	struct hub *hub;
	pthread_t thread;

	/* the thread's own */
	int64_t renewed, pruned; /* lease ms */

	/* any thread's */
	_Atomic int64_t node;

	/* under the mutex */
	pthread_mutex_t mutex;
	pthread_cond_t stopped;
	int stopping;
};

static enum db_rc
make_node(struct db *db, void *arg)
{
	struct reaper *r = arg;
	struct node_id node;
	enum db_rc rc = leases_start_node(db, r->settings->lease_ms, &node);

	if (rc == DB_OK)
		atomic_store(&r->node, node.n);
	return rc;
}

static enum db_rc
renew_node(struct db *db, void *arg)
{
	struct reaper *r = arg;

	return leases_renew_node(db, reaper_node(r), r->settings->lease_ms);
}

struct node_id
reaper_node(struct reaper *r)
{
	return (struct node_id){ atomic_load(&r->node) };
}

/* A suspended daemon was given up: its streams must enter anew. */
static void
renew(struct reaper *r, struct db *db)
{
	int64_t now = clock_lease();
	enum db_rc rc;

	/* While the store cannot be written, each turn tries it anew. */
	if (store_storage(r->store) == STORAGE_OK && reaper_node(r).n != 0 &&
	    now - r->renewed < r->settings->lease_ms / RENEWALS)
		return;
	rc = reaper_node(r).n == 0 ? db_write(db, make_node, r) :
				     db_write(db, renew_node, r);
	if (rc == DB_NONE) {
		log_warn("node lease was lost; streams are closed",
		    "lease_ms=%lld", (long long)r->settings->lease_ms);
		rc = db_write(db, make_node, r);
		hub_send_away(r->hub);
	}
	if (rc == DB_OK)
		r->renewed = now;
}

/*
 * Runs before any lease is renewed or expired, and before requests are served.
 */
static void
note_service(struct reaper *r, struct db *db)
{
	int64_t within = r->settings->reap_ms * TURNS;

	if (leases_note(db, SERVICE_STREAMS,
		within > NOTE_MS ? within : NOTE_MS) != DB_OK)
		log_warn("leases could not be extended", "reap_ms=%lld",
		    (long long)r->settings->reap_ms);
}

/*
 * 1: there may be more to do at once.  That is left to the next call, because
 * all of it may take longer than a lease, or longer than reaper_stop may wait.
 */
static int
work(struct reaper *r, struct db *db)
{
	struct maintenance chores = { .settings = r->settings };
	int64_t now = clock_lease();
	enum db_rc rc;

	note_service(r, db);
	renew(r, db);
	if (maintenance_run(db, &chores) == DB_OK)
		return 1;
	if (now - r->pruned < PRUNE_EVERY_MS)
		return 0;
	r->pruned = now;
	do
		rc = maintenance_prune_log(db, r->settings);
	while (rc == DB_OK);
	return 0;
}

static void *
run(void *arg)
{
	struct reaper *r = arg;
	struct db *db;
	int more;

	must(pthread_mutex_lock(&r->mutex) == 0);
	while (!r->stopping) {
		must(pthread_mutex_unlock(&r->mutex) == 0);
		db = store_db(r->store);
		more = db != NULL ? work(r, db) : 0;
		store_rest(r->store);
		must(pthread_mutex_lock(&r->mutex) == 0);
		if (!r->stopping && !more)
			clock_wait(
			    &r->stopped, &r->mutex, r->settings->reap_ms);
	}
	must(pthread_mutex_unlock(&r->mutex) == 0);
	/* Present chatters have a whole lease to reach the next daemon. */
	db = store_db(r->store);
	if (db == NULL || db_write(db, renew_node, r) != DB_OK)
		log_warn("node lease was not renewed at the end", "node=%lld",
		    (long long)atomic_load(&r->node));
	return NULL;
}

enum db_rc
reaper_start(struct store *store, const struct settings *settings,
    struct hub *hub, struct reaper **out)
{
	struct reaper *r = must_alloc(sizeof(*r));
	struct db *db = store_db(store);
	enum db_rc rc;

	r->store = store;
	r->settings = settings;
	r->hub = hub;
	r->renewed = clock_lease();
	if (db != NULL)
		note_service(r, db);
	rc = db != NULL ? db_write(db, make_node, r) : DB_FAIL;
	/*
	 * Streams are served nevertheless; the thread creates the node later.
	 */
	if (rc != DB_OK && storage_of(rc) == STORAGE_OK) {
		free(r);
		return rc;
	}
	must(pthread_mutex_init(&r->mutex, NULL) == 0);
	clock_cond_init(&r->stopped);
	must(pthread_create(&r->thread, NULL, run, r) == 0);
	*out = r;
	return DB_OK;
}

void
reaper_stop(struct reaper *r)
{
	if (r == NULL)
		return;
	must(pthread_mutex_lock(&r->mutex) == 0);
	r->stopping = 1;
	must(pthread_cond_signal(&r->stopped) == 0);
	must(pthread_mutex_unlock(&r->mutex) == 0);
	must(pthread_join(r->thread, NULL) == 0);
	must(pthread_cond_destroy(&r->stopped) == 0);
	must(pthread_mutex_destroy(&r->mutex) == 0);
	free(r);
}
