/*
 * pulse: the deadline of each thread of a process, in memory shared with its
 * supervisor.
 *
 * A thread that is stuck in a request does not update its deadline, so the
 * supervisor sees which process hangs (supervisor.h) without asking that
 * process.
 */
#ifndef API_DOORS_PULSE_H
#define API_DOORS_PULSE_H

#include <stdatomic.h>
#include <stdint.h>

enum {
	PULSE_THREADS = 257, /* the most handler threads */
	PULSE_CONNECTIONS = PULSE_THREADS, /* connections.h */
	PULSE_SEATS
};

struct pulse {
	atomic_int_fast64_t due[PULSE_SEATS]; /* lease ms, 0: idle */
};

/* The earliest time by which a busy thread has to move on; 0: all idle. */
int64_t pulse_due(const struct pulse *);

/* A descriptor of new memory that cannot be shrunk; -1 with errno. */
int pulse_memory(void);

/* The pulse in MEMORY; NULL with errno. */
struct pulse *pulse_map(int memory);
void pulse_unmap(struct pulse *);

#endif
