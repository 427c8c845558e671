/*
 * subscriber: kim, who asks for events on a store with three rooms.
 *
 * It is the cmocka state of a SUBSCRIBER_TEST.  Kim has a seat in the lobby
 * and in the cellar but is not online; lee has none.  Each room has 2 seats.
 */
#ifndef TESTS_LIB_SUBSCRIBER_H
#define TESTS_LIB_SUBSCRIBER_H

#include "api/feed/subscription.h"
#include "tests/lib/fixture.h"

enum { SUBSCRIBER_REPLAY_MAX = 20 }; /* how far behind kim may be */

struct subscriber {
	struct fixture *fixture;
	struct user_id kim, lee;
	struct token kims_token, lees_token;
	struct room lobby, cellar, attic;
	struct chatter seat; /* kim's in the lobby */
	struct log_state log; /* after all this was made */
	/* The outcome of the last request. */
	struct subscription sub;
	enum problem why;
};

int subscriber_setup(void **state);
int subscriber_teardown(void **state);

#define SUBSCRIBER_TEST(name)            \
	cmocka_unit_test_setup_teardown( \
	    name, subscriber_setup, subscriber_teardown)

/* Gives kim a seat in ROOM. */
struct chatter subscriber_seat(struct subscriber *s, const struct room *room);

/* Checks the request as the API does, and stores its outcome in S. */
enum db_rc subscriber_ask(
    struct subscriber *s, const struct subscription_request *r);

/* As above, for kim's request with QUERY. */
enum db_rc subscriber_query(struct subscriber *s, const char *query);

/* Fails unless that request is refused with WHY. */
void subscriber_assert_refused(
    struct subscriber *s, const char *query, enum problem why);

#endif
