/*
 * presence_check: checks of who is in a room, and of what the room was told.
 */
#ifndef TESTS_LIB_PRESENCE_CHECK_H
#define TESTS_LIB_PRESENCE_CHECK_H

#include "db/rows/chatters.h"
#include "tests/lib/fixture.h"

/*
 * Fails unless the events after SEQ tell of JOINS joins and LEAVES leaves,
 * each in an event and in a notice.
 */
void presence_check_told(struct fixture *f, int64_t seq, int joins, int leaves);

int presence_check_online(struct fixture *f, const struct chatter *c);

#endif
