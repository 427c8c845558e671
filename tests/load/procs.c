#include "tests/load/procs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/load/base.h"

typedef int64_t of_one(pid_t pid);

static FILE *
open_proc(pid_t pid, const char *name)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "r");
	if (file == NULL)
		give_up(path);
	return file;
}

/* To the nanosecond, what its ended threads have used included. */
static int64_t
own_cpu(pid_t pid)
{
	clockid_t clock;
	struct timespec ts;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &ts) != 0)
		give_up_because("a process", "has ended");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Of children that have ended: cutime and cstime, fields 16 and 17 of stat. */
static int64_t
ended_cpu(pid_t pid)
{
	enum { SKIP = 13, TAKE = 2 };
	FILE *file = open_proc(pid, "stat");
	char line[1024] = "", *p, *end;
	int64_t ticks = 0;

	(void)!fgets(line, sizeof(line), file);
	(void)fclose(file);
	p = strrchr(line, ')');
	if (p == NULL)
		give_up_because(line, "is no stat");
	p += 3;
	for (int i = 0; i < SKIP; i++)
		p = strchr(p, ' ') + 1;
	for (int i = 0; i < TAKE; i++, p = end)
		ticks += strtoll(p, &end, 10);
	return ticks * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

static int64_t
cpu_of(pid_t pid)
{
	return own_cpu(pid) + ended_cpu(pid);
}

static int64_t
pss_of(pid_t pid)
{
	FILE *file = open_proc(pid, "smaps_rollup");
	char line[256];
	int64_t kb = -1;

	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "Pss:", 4) == 0)
			kb = strtoll(line + 4, NULL, 10);
	(void)fclose(file);
	if (kb < 0)
		give_up_because("smaps_rollup", "has no Pss");
	return kb * 1024;
}

/* PID and all its descendants. */
static int64_t
of_tree(pid_t pid, of_one *of)
{
	char name[64], line[4096] = "", *p = line, *end;
	int64_t sum = of(pid);
	FILE *file;
	long child;

	(void)snprintf(name, sizeof(name), "task/%d/children", (int)pid);
	file = open_proc(pid, name);
	(void)!fgets(line, sizeof(line), file);
	(void)fclose(file);
	while ((child = strtol(p, &end, 10)) > 0) {
		sum += of_tree((pid_t)child, of);
		p = end;
	}
	return sum;
}

static int64_t
of_all(const struct procs *p, of_one *of)
{
	int64_t sum = 0;

	for (size_t i = 0; i < p->n; i++)
		sum += of_tree(p->pids[i], of);
	return sum;
}

int64_t
procs_cpu(const struct procs *p)
{
	return of_all(p, cpu_of);
}

int64_t
procs_pss(const struct procs *p)
{
	return of_all(p, pss_of);
}
