/*
 * command: a client's command on an open stream: subscribe or unsubscribe.
 *
 *   {"subscribe":"room"}                hears a further room
 *   {"subscribe":"room","cursor":"…"}   from there on
 *   {"unsubscribe":"room"}              stops hearing it
 */
#ifndef API_FEED_COMMAND_H
#define API_FEED_COMMAND_H

#include "db/base/buf.h"

enum command_verb { COMMAND_SUBSCRIBE, COMMAND_UNSUBSCRIBE };

struct command_text {
	enum command_verb verb;
	struct buf room;
	struct buf cursor; /* "latest" when none is given */
};

/* Reads TEXT, UTF-8; -1: it is no command.  Call done in either case. */
int command_read(const char *text, size_t len, struct command_text *)
    __attribute__((warn_unused_result));
void command_done(struct command_text *);

/* Adds "room":TEXT, with TEXT escaped. */
void command_add_room(struct buf *, const char *text);

#endif
