#include <jansson.h>
#include <poll.h>

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/log.h"
#include "db/rows/events.h"
#include "db/rows/rooms.h"

enum { LOOK_MS = 200, PORTION = 200, LAST_MAX = 10000 };

struct tail {
	const char *room; /* NULL: all */
	int64_t last;
	int json;
	struct scope scope;
	int64_t after; /* the seq that was read last */
	int n; /* read in this portion */
};

/* A text may hold what a terminal obeys. */
static void
print_text(const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		(void)putchar(c < ' ' || c == 0x7f ? ' ' : c);
	}
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

/* A notice has no chatter. */
static void
print_line(const json_t *message)
{
	const json_t *chatter = json_object_get(message, "chatter");

	(void)printf(
	    "%s %s ", text_of(message, "created_at"), text_of(message, "room"));
	print_text(
	    json_is_object(chatter) ? text_of(chatter, "nickname") : "*");
	(void)printf(": ");
	print_text(text_of(message, "content"));
	(void)putchar('\n');
}

static enum events_go
take(const struct event *e, void *arg)
{
	struct tail *t = arg;
	json_t *data;

	t->after = e->seq;
	t->n++;
	if (strcmp(e->kind, "message") != 0 && strcmp(e->kind, "alert") != 0)
		return EVENTS_GO_ON;
	data = json_loadb(e->data, e->len, 0, NULL);
	if (t->json)
		(void)printf("%.*s\n", (int)e->len, e->data);
	else
		print_line(json_object_get(data, "message"));
	json_decref(data);
	return EVENTS_GO_ON;
}

static enum db_rc
begin(struct db *db, void *arg)
{
	struct tail *t = arg;
	struct log_state log;
	struct room room;
	enum db_rc rc = events_state(db, &log);

	if (rc == DB_OK && t->room != NULL)
		rc = rooms_find(db, t->room, &room);
	if (rc != DB_OK)
		return rc;
	t->after = log.head;
	if (t->room != NULL) {
		t->scope = (struct scope){ SCOPE_ROOM, room.id.n };
		if (t->last > 0)
			rc = events_newest(
			    db, &t->scope, 1, (int)t->last, &t->after);
	} else if (t->last < log.head - log.floor)
		t->after = log.head - t->last;
	else
		t->after = log.floor;
	return rc;
}

static enum db_rc
read_log(struct db *db, void *arg)
{
	struct tail *t = arg;

	t->n = 0;
	if (t->room != NULL)
		return events_of(
		    db, &t->scope, 1, t->after, INT64_MAX, PORTION, take, t);
	return events_after(db, t->after, PORTION, take, t);
}

/* As command_in_store wants it; each look at the log is a read of its own. */
static enum db_rc
follow(struct db *db, db_fn fn, void *arg)
{
	struct tail *t = arg;
	enum db_rc rc = db_read(db, begin, t);

	(void)fn;
	while (rc == DB_OK && !ferror(stdout)) {
		rc = db_read(db, read_log, t);
		if (rc == DB_NONE)
			rc = DB_OK;
		(void)fflush(stdout);
		if (t->n < PORTION)
			(void)poll(NULL, 0, LOOK_MS);
	}
	return rc;
}

int
command_tail(const struct call *call)
{
	static const struct option_def options[] = {
		{ "--last", OPTION_NUMBER, offsetof(struct tail, last) },
		{ "--json", OPTION_SWITCH, offsetof(struct tail, json) },
	};
	struct tail t = { .last = 10 };
	struct operands room = { &t.room, 0, 1 };
	enum db_rc rc;

	if (options_words(call, options, 2, &t, &room) != 0)
		return EXIT_USAGE;
	if (t.last > LAST_MAX) {
		log_error("tail begins at most 10000 entries ago; parlor"
			  " export prints a whole room",
		    "room=\"%s\"", t.room != NULL ? t.room : "");
		return EXIT_USAGE;
	}
	rc = command_in_store(call, follow, NULL, &t);
	if (rc == DB_NONE)
		log_error("no such room; parlor room list --all prints them",
		    "room=\"%s\"", t.room);
	return rc == DB_OK ? EXIT_FINE : EXIT_FAILED;
}
