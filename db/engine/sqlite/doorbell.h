/*
 * doorbell: datagrams that wake processes waiting for events.
 *
 * It is a hint: it may be lost, come late or come twice, and no write fails
 * because of it.  The ringer sends to the path each time, because the listener
 * may have been restarted.
 */
#ifndef DB_ENGINE_SQLITE_DOORBELL_H
#define DB_ENGINE_SQLITE_DOORBELL_H

/*
 * Binds DIR/doorbell, replacing an earlier listener.  A descriptor to poll for
 * input, which the caller closes; -1: logged.  On a disk that cannot be written
 * now it is -1, nothing is logged, and *LACKING is 1.
 */
int doorbell_listen(const char *dir, int *lacking);

/* A descriptor to ring with; -1: logged, and doorbell_ring does nothing. */
int doorbell_open(void);

/* Rings at DIR, whether or not there is a listener. */
void doorbell_ring(int fd, const char *dir);

/* Drains FD. */
void doorbell_drain(int fd);

#endif
