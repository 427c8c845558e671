#include "tests/lib/eventlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "db/rows/events.h"

enum { LINES_MAX = 1000 };

int64_t
eventlog_head(struct fixture *f)
{
	struct log_state log;

	assert_int_equal(events_state(f->db, &log), DB_OK);
	return log.head;
}

static enum events_go
add_line(const struct event *e, void *arg)
{
	buf_addf(arg, "%s %lld ", e->kind, (long long)e->ends);
	buf_add(arg, e->data, e->len);
	buf_addc(arg, '\n');
	return EVENTS_GO_ON;
}

void
eventlog_lines(struct fixture *f, int64_t seq, struct buf *lines)
{
	enum db_rc rc;

	buf_clear(lines);
	rc = events_after(f->db, seq, LINES_MAX, add_line, lines);
	assert_true(rc == DB_OK || rc == DB_NONE);
}

int
eventlog_count(struct fixture *f, int64_t seq, const char *text)
{
	struct buf lines = BUF_INIT;
	int n = 0;

	eventlog_lines(f, seq, &lines);
	for (const char *s = buf_str(&lines); (s = strstr(s, text)) != NULL;
	     s += strlen(text))
		n++;
	buf_done(&lines);
	return n;
}
