#include "poller/commands.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/base/must.h"

enum { THREADS = 2, WAITING_MAX = 256 };

struct commands {
	/* set before the threads start */
	struct store *store;
	struct command_handler handler;
	int wake;
	pthread_t threads[THREADS];

	/* under the mutex */
	pthread_mutex_t mutex;
	pthread_cond_t posted;
	struct command_list waiting, answered;
	int n_waiting;
	int stopping;
};

void
commands_free(struct command *c)
{
	buf_done(&c->message);
	buf_done(&c->rest);
	buf_done(&c->room);
	free(c);
}

static void
carry_out(struct commands *all, struct command *c)
{
	struct db *db = store_db(all->store);

	c->outcome = COMMAND_REFUSED;
	c->why = PROBLEM_BUSY;
	if (db != NULL)
		all->handler.fn(all->handler.arg, db, c);
	store_rest(all->store);
}

static void
hand_back(struct commands *all, struct command *c)
{
	uint64_t one = 1;

	STAILQ_INSERT_TAIL(&all->answered, c, entry);
	must(write(all->wake, &one, sizeof(one)) == sizeof(one) ||
	    errno == EAGAIN);
}

static void *
run(void *arg)
{
	struct commands *all = arg;
	struct command *c;

	must(pthread_mutex_lock(&all->mutex) == 0);
	while (!all->stopping) {
		c = STAILQ_FIRST(&all->waiting);
		if (c == NULL) {
			must(pthread_cond_wait(&all->posted, &all->mutex) == 0);
			continue;
		}
		STAILQ_REMOVE_HEAD(&all->waiting, entry);
		all->n_waiting--;
		must(pthread_mutex_unlock(&all->mutex) == 0);
		carry_out(all, c);
		must(pthread_mutex_lock(&all->mutex) == 0);
		hand_back(all, c);
	}
	must(pthread_mutex_unlock(&all->mutex) == 0);
	return NULL;
}

struct commands *
commands_start(
    struct store *store, const struct command_handler *handler, int wake)
{
	struct commands *all = must_alloc(sizeof(*all));

	all->store = store;
	all->handler = *handler;
	all->wake = wake;
	STAILQ_INIT(&all->waiting);
	STAILQ_INIT(&all->answered);
	must(pthread_mutex_init(&all->mutex, NULL) == 0);
	must(pthread_cond_init(&all->posted, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		must(pthread_create(&all->threads[i], NULL, run, all) == 0);
	return all;
}

void
commands_stop(struct commands *all)
{
	must(pthread_mutex_lock(&all->mutex) == 0);
	all->stopping = 1;
	must(pthread_cond_broadcast(&all->posted) == 0);
	must(pthread_mutex_unlock(&all->mutex) == 0);
	for (int i = 0; i < THREADS; i++)
		must(pthread_join(all->threads[i], NULL) == 0);
	STAILQ_CONCAT(&all->answered, &all->waiting);
}

void
commands_close(struct commands *all)
{
	if (all == NULL)
		return;
	must(STAILQ_EMPTY(&all->answered));
	must(pthread_cond_destroy(&all->posted) == 0);
	must(pthread_mutex_destroy(&all->mutex) == 0);
	free(all);
}

int
commands_post(struct commands *all, struct command *c)
{
	int full;

	must(pthread_mutex_lock(&all->mutex) == 0);
	full = all->n_waiting >= WAITING_MAX;
	if (!full) {
		STAILQ_INSERT_TAIL(&all->waiting, c, entry);
		all->n_waiting++;
		must(pthread_cond_signal(&all->posted) == 0);
	}
	must(pthread_mutex_unlock(&all->mutex) == 0);
	return full ? -1 : 0;
}

void
commands_take(struct commands *all, struct command_list *out)
{
	must(pthread_mutex_lock(&all->mutex) == 0);
	STAILQ_CONCAT(out, &all->answered);
	must(pthread_mutex_unlock(&all->mutex) == 0);
}
