/*
 * readers: event streams or long polls, each in one room, which check that
 * each message of the room comes once.
 */
#ifndef TESTS_LOAD_READERS_H
#define TESTS_LOAD_READERS_H

#include "tests/load/run.h"

struct readers;

/* Opens all; returns when each receives new messages. */
struct readers *readers_open(struct run *run);

/* Opens again those that have ended and whose time has come. */
void readers_tick(struct readers *r, int64_t now);

/* Streams that are ready now. */
size_t readers_ready(const struct readers *r);

/* Messages that were acknowledged to their posters and never received. */
uint64_t readers_lost(const struct readers *r);

#endif
