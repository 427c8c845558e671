/* procs: CPU and memory of processes and their descendants, from /proc. */
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

/* CPU time in ns, including children that have ended and been waited for. */
int64_t procs_cpu(const struct procs *p);

/* Their proportional share of memory, in bytes. */
int64_t procs_pss(const struct procs *p);

#endif
