#include "api/call.h"

#include <errno.h>

#include "api/feed/cursor.h"
#include "api/http/uri.h"

int
call_number(const struct call *call, const char *name, int64_t min, int64_t max,
    int64_t *value)
{
	struct buf text = BUF_INIT;
	enum uri_rc rc = uri_param(call->query, name, &text);
	const char *p = buf_str(&text);
	int ok = rc == URI_NONE;
	long long n;

	if (rc == URI_OK && *p != '\0' && p[strspn(p, "0123456789")] == '\0') {
		errno = 0;
		n = strtoll(p, NULL, 10);
		ok = errno == 0 && n >= min && n <= max;
		if (ok)
			*value = n;
	}
	buf_done(&text);
	return ok ? 0 : -1;
}

void
call_add_cursor(struct buf *b, const struct log_state *log)
{
	buf_addc(b, '"');
	cursor_add(b, log->epoch, log->head);
	buf_addc(b, '"');
}
