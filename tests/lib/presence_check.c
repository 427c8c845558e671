#include "tests/lib/presence_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "db/chat/arrivals.h"
#include "tests/lib/eventlog.h"

void
presence_check_told(struct fixture *f, int64_t seq, int joins, int leaves)
{
	assert_int_equal(eventlog_count(f, seq, "\"joined\":["), joins);
	assert_int_equal(eventlog_count(f, seq, "\"kind\":\"joined\""), joins);
	assert_int_equal(eventlog_count(f, seq, "\"left\":["), leaves);
	assert_int_equal(eventlog_count(f, seq, "\"kind\":\"left\""), leaves);
}

int
presence_check_online(struct fixture *f, const struct chatter *c)
{
	enum db_rc rc = presence_online(f->db, c->id);

	assert_true(rc == DB_OK || rc == DB_NONE);
	return rc == DB_OK;
}
