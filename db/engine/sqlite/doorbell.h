/*
 * doorbell: a datagram that says "the log has grown".
 *
 * A hint and nothing else: it may be lost, come late or come twice, and no
 * write fails because of it.  The ringer sends to the path each time, because
 * the listener may have been restarted.  The listener empties the socket
 * before it reads the log, and has a slow look as a net.
 */
#ifndef DB_ENGINE_SQLITE_DOORBELL_H
#define DB_ENGINE_SQLITE_DOORBELL_H

#include "db/engine/db.h"

/*
 * Binds <store's directory>/doorbell in the place of whoever was there.  A
 * descriptor to poll for input, which the caller closes; -1: logged.  On a
 * disk that cannot be written now *LACKING is 1, and one does without.
 */
int doorbell_listen(struct store *, int *lacking);

/*
 * The ringer's side: a descriptor to ring with, kept by the store and closed
 * with it; -1: logged, and then doorbell_ring does nothing.
 */
int doorbell_open(void);

/* Rings at DIR, whether or not anybody listens there. */
void doorbell_ring(int fd, const char *dir);

/* Takes what has been rung from FD. */
void doorbell_drain(int fd);

#endif
