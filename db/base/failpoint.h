/*
 * failpoint: named places where a test build dies, as by SIGKILL.
 *
 * PARLOR_FP=name:probability chooses one.  Random kills hardly ever hit the
 * moment between a commit and its answer; a failpoint does.  In every other
 * build than -DFAILPOINTS there is nothing of it.
 */
#ifndef DB_BASE_FAILPOINT_H
#define DB_BASE_FAILPOINT_H

#ifdef FAILPOINTS
void failpoint(const char *name);
#else
#define failpoint(name) ((void)0)
#endif

#endif
