/*
 * doorbell: a datagram that says "the log has grown".
 *
 * It is a hint: it may be lost, come late or come twice, and no write fails
 * because of it.  The ringer sends to the path each time, because the listener
 * may have been restarted.
 */
#ifndef DB_ENGINE_SQLITE_DOORBELL_H
#define DB_ENGINE_SQLITE_DOORBELL_H

/*
 * Binds DIR/doorbell in the place of the listener before.  A descriptor to
 * poll for input, which the caller closes; -1: logged.  On a disk that cannot
 * be written now it is -1 without a word, and *LACKING is 1.
 */
int doorbell_listen(const char *dir, int *lacking);

/* A descriptor to ring with; -1: logged, and doorbell_ring does nothing. */
int doorbell_open(void);

/* Rings at DIR, whether or not anybody listens there. */
void doorbell_ring(int fd, const char *dir);

/* Takes from FD what has been rung. */
void doorbell_drain(int fd);

#endif
