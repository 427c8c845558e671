/*
 * posters: connections that publish messages, each as soon as its last message
 * is answered, or all together at a fixed rate.  At a rate, a message's time
 * is the one at which it was due, however long it had to wait for a
 * connection.
 */
#ifndef TESTS_LOAD_POSTERS_H
#define TESTS_LOAD_POSTERS_H

#include "tests/load/run.h"

struct posters;

struct posters *posters_open(struct run *run);

/* Posts from now on; the numbers of messages go on from an earlier time. */
void posters_go(struct posters *p);

/* Posts what is due; returns when to call it again. */
int64_t posters_tick(struct posters *p, int64_t now);

/* Posts no new message until posters_go(). */
void posters_stop(struct posters *p);

/* Whether all messages have been posted, or posting was stopped. */
int posters_finished(const struct posters *p);

/* Messages that wait for their answer. */
size_t posters_busy(const struct posters *p);

#endif
