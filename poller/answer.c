#include "poller/answer.h"

#include <stdlib.h>

#include "db/base/must.h"
#include "poller/stream_head.h"

struct answer *
answer_open(const struct reuse *reuse, const struct cors *cors)
{
	struct answer *a = must_alloc(sizeof(*a));

	a->cors = *cors;
	a->reuse = reuse;
	return a;
}

void
answer_close(struct answer *a)
{
	if (a != NULL)
		buf_done(&a->document);
	free(a);
}

/* Begins with the headers but for those that tell the length. */
static void
begin(struct answer *a, const struct answer_out *o)
{
	a->begun = 1;
	if (a->reuse != NULL && !a->reuse->possible(a->reuse->arg))
		a->reuse = NULL;
	stream_head_add(o->out, o->protocol, &a->cors,
	    a->reuse != NULL ? STREAM_HEAD_KEEPS : STREAM_HEAD_CLOSES);
}

static void
send_part(struct answer *a, struct buf *out)
{
	int chunked = a->reuse != NULL;

	if (chunked)
		buf_addf(out, "%zx\r\n", a->document.len);
	buf_add(out, a->document.p, a->document.len);
	if (chunked)
		buf_adds(out, "\r\n");
	buf_done(&a->document);
}

void
answer_beat(struct answer *a, const struct answer_out *o)
{
	if (!a->begun) {
		begin(a, o);
		if (a->reuse != NULL)
			buf_adds(o->out, "Transfer-Encoding: chunked\r\n");
		buf_adds(o->out, "\r\n");
	}
	o->protocol->control(&a->document, "hb", "");
	send_part(a, o->out);
}

void
answer_end(struct answer *a, const struct answer_out *o,
    const struct protocol_end *end)
{
	o->protocol->bye(&a->document, end);
	if (a->begun) {
		send_part(a, o->out);
		if (a->reuse != NULL)
			buf_adds(o->out, "0\r\n\r\n");
		return;
	}
	begin(a, o);
	buf_addf(o->out, "Content-Length: %zu\r\n\r\n", a->document.len);
	buf_add(o->out, a->document.p, a->document.len);
	buf_done(&a->document);
}
