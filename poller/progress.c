#include "poller/progress.h"

#include <stdlib.h>

#include "db/base/must.h"

/* Once END bytes of the buffer have left, SEQ has been delivered. */
struct mark {
	size_t end;
	int64_t seq;
};

void
progress_note(struct progress *p, struct last_delivered *notes, int64_t seq)
{
	p->delivered = seq;
	last_delivered_put(notes, p->slot, seq);
}

void
progress_mark(struct progress *p, size_t end, int64_t seq)
{
	if (p->n == p->room) {
		p->room = p->room > 0 ? p->room * 2 : 4;
		p->marks = must_realloc(p->marks, p->room * sizeof(*p->marks));
	}
	p->marks[p->n++] = (struct mark){ end, seq };
}

void
progress_pass(struct progress *p, struct last_delivered *notes, size_t done)
{
	while (p->passed < p->n && p->marks[p->passed].end <= done)
		progress_note(p, notes, p->marks[p->passed++].seq);
}

void
progress_clear(struct progress *p)
{
	free(p->marks);
	p->marks = NULL;
	p->n = p->passed = p->room = 0;
}
