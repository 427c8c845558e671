#include "poller/timers.h"

#include <stdlib.h>

#include "db/base/must.h"

enum { TICK_MS = 32, SLOTS = 2048 /* 65 s */ };

TAILQ_HEAD(slot, timer);

struct timers {
	int64_t tick;
	struct slot slots[SLOTS];
};

struct timers *
timers_open(int64_t now)
{
	struct timers *t = must_alloc(sizeof(*t));

	t->tick = now / TICK_MS;
	for (int i = 0; i < SLOTS; i++)
		TAILQ_INIT(&t->slots[i]);
	return t;
}

void
timers_close(struct timers *t)
{
	free(t);
}

void
timers_clear(struct timers *t, struct timer *timer)
{
	if (timer->slot == 0)
		return;
	TAILQ_REMOVE(&t->slots[timer->slot - 1], timer, entry);
	timer->slot = 0;
}

void
timers_set(struct timers *t, struct timer *timer, int64_t now, int64_t due)
{
	int64_t ticks = (due - now) / TICK_MS + 1;
	int slot;

	timers_clear(t, timer);
	if (ticks < 1)
		ticks = 1;
	if (ticks > SLOTS - 1)
		ticks = SLOTS - 1;
	slot = (int)((t->tick + ticks) % SLOTS);
	TAILQ_INSERT_TAIL(&t->slots[slot], timer, entry);
	timer->slot = slot + 1;
}

void
timers_run(struct timers *t, int64_t now, void (*fn)(struct timer *, void *),
    void *arg)
{
	int64_t until = now / TICK_MS;

	while (t->tick < until) {
		struct slot *slot = &t->slots[++t->tick % SLOTS];
		struct timer *timer;

		while ((timer = TAILQ_FIRST(slot)) != NULL) {
			timers_clear(t, timer);
			fn(timer, arg);
		}
	}
}
