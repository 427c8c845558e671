/*
 * door: accepts connections and deals them out.
 *
 * Left to itself every thread of libmicrohttpd's pool accepts what it can, so
 * that the connections of a busy moment pile up on a few threads, and there
 * each waits for the commits of the others.  Dealt out they are all served at
 * the same time, and share their commits.
 */
#ifndef POLLER_DOOR_H
#define POLLER_DOOR_H

#include <microhttpd.h>

struct door;

/* Begins to accept on FD, which is the door's from now on. */
struct door *door_open(struct MHD_Daemon *, int fd);

/* Takes no further connections. */
void door_close(struct door *);

#endif
