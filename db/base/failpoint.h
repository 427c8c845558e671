/*
 * failpoint: named places where a test build dies, as by SIGKILL, or halts.
 *
 * PARLOR_FP=name:probability chooses the place where it dies.  Random kills
 * hardly ever hit the moment between a commit and its answer; a failpoint does.
 * PARLOR_FP=name:halt stops the process there as by SIGSTOP, so that a test can
 * inspect its locks and files at that moment; SIGCONT lets the process go on,
 * and it does not halt there again.  Only a build with -DFAILPOINTS has
 * failpoints.
 */
#ifndef DB_BASE_FAILPOINT_H
#define DB_BASE_FAILPOINT_H

#ifdef FAILPOINTS
void failpoint(const char *name);
#else
#define failpoint(name) ((void)0)
#endif

#endif
