/*
 * fake_clock: the wall clock and the lease clock as a test sets them.  They
 * stand still until the test moves them.
 */
#ifndef TESTS_LIB_FAKE_CLOCK_H
#define TESTS_LIB_FAKE_CLOCK_H

#include <stdint.h>

/* The times that the clocks show, in ms; a test may set either. */
extern int64_t fake_clock_wall, fake_clock_lease;

/* From now on clock_wall and clock_lease are these. */
void fake_clock_install(void);

/* Moves both clocks. */
void fake_clock_advance(int64_t ms);

#endif
