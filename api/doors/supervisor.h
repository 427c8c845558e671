/*
 * supervisor: worker processes that are replaced when they die or hang.
 *
 * Where no web server manages processes, nothing else would start the API
 * again.  The supervisor holds the listening socket, so that connections wait
 * and are never refused, and keeps settings.workers processes serving it; each
 * has a store and threads of its own.
 *
 * A worker that dies is replaced at once; a worker that died within a second of
 * its start is replaced after a pause, from 100 ms doubling to 5 s.  A worker
 * whose pulse (pulse.h) shows a stuck request is killed.  Workers are killed
 * one at a time, the longest stuck first, because the others may be waiting for
 * a lock that this worker holds.
 *
 * SIGHUP replaces all workers one by one, with the program and the settings as
 * they are then.  Each new worker serves before an old worker is told to end,
 * and if a new worker cannot serve, the old workers stay.  SIGTERM and SIGINT
 * end them all within stop_ms.
 */
#ifndef API_DOORS_SUPERVISOR_H
#define API_DOORS_SUPERVISOR_H

#include "db/base/settings.h"

/*
 * Runs workers until SIGTERM or SIGINT; gives the exit status.  ARGV is the
 * array that the settings were loaded from, and the arguments that the workers
 * are started with; it holds nothing but options of settings.
 */
int supervisor_run(struct settings *, int argc, char **argv);

#endif
