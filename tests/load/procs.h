/* procs: what processes and all their children have used, from /proc. */
#ifndef TESTS_LOAD_PROCS_H
#define TESTS_LOAD_PROCS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROCS_MAX = 16 };

struct procs {
	pid_t pids[PROCS_MAX];
	size_t n;
};

/* CPU time in ns, of children that have ended and been waited for as well. */
int64_t procs_cpu(const struct procs *p);

/* Their proportional share of memory, in bytes. */
int64_t procs_pss(const struct procs *p);

#endif
