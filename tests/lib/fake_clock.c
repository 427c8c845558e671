#include "tests/lib/fake_clock.h"

#include "db/base/clock.h"

int64_t fake_clock_wall = 1795167000123, fake_clock_lease = 1000000;

static int64_t
wall(void)
{
	return fake_clock_wall;
}

static int64_t
lease(void)
{
	return fake_clock_lease;
}

void
fake_clock_install(void)
{
	clock_wall = wall;
	clock_lease = lease;
}

void
fake_clock_advance(int64_t ms)
{
	fake_clock_wall += ms;
	fake_clock_lease += ms;
}
