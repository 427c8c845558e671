/* The texts alone, one a line, for `curl -s .../raw`. */

#include <jansson.h>
#include <string.h>

#include "api/feed/protocol.h"
#include "db/rows/events.h"

static void
begin(struct buf *b, const struct subscription *s,
    const struct protocol_times *times)
{
	(void)b;
	(void)s;
	(void)times;
}

/* Adds CONTENT in one line; a deleted message has none. */
static void
add_line(struct buf *b, const char *content)
{
	if (content == NULL || *content == '\0')
		return;
	for (; *content != '\0'; content++)
		buf_addc(b, (char)(*content == '\n' ? ' ' : *content));
	buf_addc(b, '\n');
}

/* Nothing for events that are no message, and for notices. */
static void
frame(struct buf *b, const char *epoch, const struct event *e)
{
	json_t *data, *message;

	(void)epoch;
	if (strcmp(e->kind, events_kind_text(EVENT_MESSAGE)) != 0 &&
	    strcmp(e->kind, events_kind_text(EVENT_ALERT)) != 0)
		return;
	data = json_loadb(e->data, e->len, 0, NULL);
	message = json_object_get(data, "message");
	if (json_object_get(message, "notice") == NULL)
		add_line(
		    b, json_string_value(json_object_get(message, "content")));
	json_decref(data);
}

/* An empty line keeps the connection alive and is no message. */
static void
control(struct buf *b, const char *name, const char *data)
{
	(void)name;
	(void)data;
	buf_addc(b, '\n');
}

static void
bye(struct buf *b, const struct protocol_end *end)
{
	(void)b;
	(void)end;
}

const struct protocol raw_protocol = {
	.number = PROTOCOL_RAW,
	.shape = PROTOCOL_STREAM,
	.name = "raw",
	.type = "text/plain; charset=utf-8",
	.open = begin,
	.frame = frame,
	.control = control,
	.bye = bye,
};
