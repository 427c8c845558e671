#include "api/feed/command.h"

#include <jansson.h>
#include <stdlib.h>

#include "db/base/must.h"

static int
subscribe(json_t *doc, struct command_text *c)
{
	const char *room, *cursor = "latest";

	if (json_unpack(doc, "{s:s, s?s !}", "subscribe", &room, "cursor",
		&cursor) != 0)
		return -1;
	c->verb = COMMAND_SUBSCRIBE;
	buf_adds(&c->room, room);
	buf_adds(&c->cursor, cursor);
	return 0;
}

static int
unsubscribe(json_t *doc, struct command_text *c)
{
	const char *room;

	if (json_unpack(doc, "{s:s !}", "unsubscribe", &room) != 0)
		return -1;
	c->verb = COMMAND_UNSUBSCRIBE;
	buf_adds(&c->room, room);
	return 0;
}

int
command_read(const char *text, size_t len, struct command_text *c)
{
	json_t *doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	int is_one;

	*c = (struct command_text){ .verb = COMMAND_SUBSCRIBE };
	is_one =
	    doc != NULL && (subscribe(doc, c) == 0 || unsubscribe(doc, c) == 0);
	json_decref(doc);
	return is_one ? 0 : -1;
}

void
command_done(struct command_text *c)
{
	buf_done(&c->room);
	buf_done(&c->cursor);
}

void
command_add_room(struct buf *b, const char *text)
{
	json_t *room = json_string(text);
	char *quoted = json_dumps(room, JSON_ENCODE_ANY);

	must(quoted != NULL);
	buf_adds(b, "\"room\":");
	buf_adds(b, quoted);
	free(quoted);
	json_decref(room);
}
