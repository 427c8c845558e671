#include "db/base/failpoint.h"

#ifdef FAILPOINTS

#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include "db/base/must.h"

#include <stdatomic.h>
#include <stdint.h>

static atomic_int halted;

void
failpoint(const char *name)
{
	const char *chosen = getenv("PARLOR_FP");
	size_t len = strlen(name);
	uint32_t dice;

	if (chosen == NULL || strncmp(chosen, name, len) != 0 ||
	    chosen[len] != ':')
		return;
	if (strcmp(chosen + len + 1, "halt") == 0) {
		if (!atomic_exchange(&halted, 1))
			(void)raise(SIGSTOP);
		return;
	}
	must(getrandom(&dice, sizeof(dice), 0) == sizeof(dice));
	if (dice / 4294967296.0 < strtod(chosen + len + 1, NULL))
		(void)kill(getpid(), SIGKILL);
}

#endif
