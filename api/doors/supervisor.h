/*
 * supervisor: worker processes that are replaced when they die or hang.
 *
 * Where no web server manages processes, nothing else would start the API
 * again.  The supervisor holds the listening socket, so that connections wait
 * and are never refused, and keeps settings.workers processes serving it; each
 * has a store and threads of its own.
 *
 * A worker that dies is replaced at once; one that died within a second of
 * its start only after a pause, from 100 ms doubling to 5 s.  A worker whose
 * pulse (pulse.h) says that a request is stuck is killed: one at a time, the
 * one that is stuck for longest, because the others may be waiting for what
 * it holds.
 *
 * SIGHUP replaces all workers one by one, with the program and the settings as
 * they are then.  Each new one serves before an old one is told to end, and
 * when a new one cannot, the old ones stay.  SIGTERM and SIGINT end them all
 * within stop_ms.
 */
#ifndef API_DOORS_SUPERVISOR_H
#define API_DOORS_SUPERVISOR_H

#include "db/base/settings.h"

/*
 * Runs workers until SIGTERM or SIGINT; the exit status.  ARGV is what the
 * settings were loaded from, and what the workers are started with; nothing
 * but options of settings is in it.
 */
int supervisor_run(struct settings *, int argc, char **argv);

#endif
