#include "api/feed/position.h"

#include <stdlib.h>
#include <string.h>

#include "api/feed/cursor.h"
#include "api/http/uri.h"

int
position_read(const char *last_event_id, const char *query, struct buf *text)
{
	/* The first that is present counts. */
	static const char *const names[] = { "last_event_id", "lastEventId",
		"cursor", "since" };
	enum uri_rc rc = URI_NONE;

	/* EventSource sends no empty id, but others do for "none yet". */
	if (last_event_id != NULL && last_event_id[0] != '\0') {
		buf_adds(text, last_event_id);
		return 0;
	}
	for (size_t i = 0;
	     rc == URI_NONE && i < sizeof(names) / sizeof(names[0]); i++)
		rc = uri_param(query, names[i], text);
	if (rc == URI_NONE)
		buf_adds(text, "latest");
	return rc == URI_BAD ? -1 : 0;
}

/* "-N" for the newest N, at most REPLAY_MAX; 0: it has another form. */
static int
newest(const char *text, int64_t replay_max)
{
	long long n;

	if (text[0] != '-' || text[1] == '\0' ||
	    text[1 + strspn(text + 1, "0123456789")] != '\0')
		return 0;
	n = strtoll(text + 1, NULL, 10);
	return (int)(n < replay_max ? n : replay_max);
}

/* Whether all that follows the cursor is there, and not too much of it. */
static enum db_rc
check_replay(struct db *db, const struct scope *scopes, size_t n,
    int64_t replay_max, struct position *p)
{
	int64_t behind = 0;
	enum db_rc rc = DB_OK;

	p->recovered = p->recovered && p->cursor >= p->log.floor &&
	    p->cursor <= p->log.head;
	/* Often there are no more events in the whole log than may be behind. */
	if (p->recovered && p->log.head - p->cursor > replay_max) {
		rc = events_count(
		    db, scopes, n, p->cursor, (int)replay_max + 1, &behind);
		p->recovered = rc == DB_OK && behind <= replay_max;
	}
	if (!p->recovered) {
		p->cursor = p->log.head;
		p->proven = 0;
	}
	return rc;
}

enum db_rc
position_find(struct db *db, const char *text, const struct scope *scopes,
    size_t n, int64_t replay_max, struct position *p, enum problem *why)
{
	int last = newest(text, replay_max);
	enum db_rc rc;

	*p = (struct position){ .recovered = 1 };
	rc = events_state(db, &p->log);
	if (rc != DB_OK)
		return rc;
	if (strcmp(text, "latest") == 0)
		p->cursor = p->log.head;
	else if (strcmp(text, "earliest") == 0 || strcmp(text, "all") == 0)
		p->cursor = p->log.floor;
	else if (last > 0) {
		rc = events_newest(db, scopes, n, last, &p->cursor);
		if (rc == DB_OK && p->cursor < p->log.floor)
			p->cursor = p->log.floor;
	} else if (cursor_read(text, &p->log, &p->cursor, &p->recovered) != 0) {
		*why = PROBLEM_MALFORMED_CURSOR;
		return DB_CONFLICT;
	} else
		p->proven = 1;
	return rc == DB_OK ? check_replay(db, scopes, n, replay_max, p) : rc;
}
