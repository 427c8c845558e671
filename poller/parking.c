#include "poller/parking.h"

#include <poll.h>

#include "db/base/fiber.h"

enum { LOOK_MS = 5 };

static void
run(void *arg)
{
	struct exchange *x = arg;

	x->result = x->answer(x);
}

/* X may be gone once it has been resumed. */
static void
resume(void *arg)
{
	struct exchange *x = arg;
	struct service *service = x->service;

	MHD_resume_connection(x->connection);
	atomic_fetch_sub(&service->parked, 1);
}

/* 0: the server stops. */
static int
take_place(struct service *service)
{
	atomic_fetch_add(&service->parked, 1);
	if (!atomic_load(&service->stopping))
		return 1;
	atomic_fetch_sub(&service->parked, 1);
	return 0;
}

static enum MHD_Result
answered(struct exchange *x)
{
	x->fiber = NULL;
	return x->result;
}

static enum MHD_Result
park(struct exchange *x)
{
	x->parks = 1;
	while (!take_place(x->service)) {
		fiber_wait_here(x->fiber);
		if (fiber_run(x->fiber) == FIBER_ENDED)
			return answered(x);
	}
	MHD_suspend_connection(x->connection);
	fiber_begin_wait(x->fiber);
	return MHD_YES;
}

/*
 * A connection that is resumed goes on as libmicrohttpd last saw it.  If it was
 * being read when it was suspended, it is read first, and closed without
 * another call if the client is gone.  So X does not park at once, but when
 * libmicrohttpd, which has seen that X is not being read now, calls for the
 * answer again in its loop's next turn.
 */
enum MHD_Result
parking_answer(struct exchange *x, enum MHD_Result (*answer)(struct exchange *))
{
	if (x->fiber == NULL) {
		x->answer = answer;
		x->fiber = fiber_open(run, resume, x);
		if (fiber_run(x->fiber) == FIBER_ENDED)
			return answered(x);
		return MHD_YES;
	}
	if (!x->parks)
		return park(x);
	fiber_collect();
	if (fiber_run(x->fiber) == FIBER_ENDED)
		return answered(x);
	return park(x);
}

void
parking_give_up(struct exchange *x)
{
	if (x->fiber == NULL)
		return;
	fiber_collect();
	fiber_break_off(x->fiber);
	x->fiber = NULL;
}

void
parking_close(struct service *service)
{
	atomic_store(&service->stopping, 1);
	while (atomic_load(&service->parked) > 0)
		(void)poll(NULL, 0, LOOK_MS);
}
