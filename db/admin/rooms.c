#include "db/chat/accounts.h"
#include "db/chat/room_end.h"
#include "db/rows/rooms.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/text/names.h"
#include "db/chat/passwords.h"
#include "db/chat/room_check.h"
#include "db/rows/inventory.h"
#include "db/rows/users.h"

enum { LIST_PAGE = 100 };

static int
answer(enum db_rc rc, const char *room)
{
	if (rc == DB_NONE)
		log_error("no such room", "room=\"%s\"", room);
	return rc == DB_OK ? EXIT_FINE : EXIT_FAILED;
}

struct creation {
	const char *namespace, *title, *notices, *password_file;
	int64_t capacity, grace, expires, slow;
	int unlisted, if_missing, owner_token;
	struct room_name name;
	struct token token;
	enum notices policy;
	struct buf clean; /* the title as it is kept */
	struct buf hash; /* of the password; empty: none */
};

static const struct option_def creation_options[] = {
	{ "--title", OPTION_TEXT, offsetof(struct creation, title) },
	{ "--namespace", OPTION_TEXT, offsetof(struct creation, namespace) },
	{ "--capacity", OPTION_NUMBER, offsetof(struct creation, capacity) },
	{ "--grace-ms", OPTION_NUMBER, offsetof(struct creation, grace) },
	{ "--expires-at", OPTION_TIME, offsetof(struct creation, expires) },
	{ "--slow-ms", OPTION_NUMBER, offsetof(struct creation, slow) },
	{ "--notices", OPTION_TEXT, offsetof(struct creation, notices) },
	{ "--password-file", OPTION_TEXT,
	    offsetof(struct creation, password_file) },
	{ "--unlisted", OPTION_SWITCH, offsetof(struct creation, unlisted) },
	{ "--if-missing", OPTION_SWITCH,
	    offsetof(struct creation, if_missing) },
	{ "--owner-token", OPTION_SWITCH,
	    offsetof(struct creation, owner_token) },
};

enum { N_CREATION = sizeof(creation_options) / sizeof(creation_options[0]) };

static const char *
check_numbers(const struct creation *c)
{
	if (c->capacity < 1 || c->capacity > ROOM_CAPACITY_MAX)
		return "capacity must be 1 to 100000";
	if (c->grace > ROOM_GRACE_MAX)
		return "grace must be at most 600000 ms";
	if (c->slow > ROOM_SLOW_MAX)
		return "slow mode must be at most 3600000 ms";
	if (c->expires != 0 && c->expires <= clock_wall())
		return "the time of expiry must be in the future";
	return NULL;
}

/* Why the room cannot be created like this, about *WHAT; NULL: it can. */
static const char *
check(const char *slug, struct creation *c, const char **what)
{
	const struct {
		const char *what, *why;
	} found[] = {
		{ "slug ", room_check_id(slug) },
		{ "namespace ", room_check_namespace(c->namespace) },
		{ "notices ", room_check_notices(c->notices) },
		{ "", check_numbers(c) },
		{ "title ",
		    c->title != NULL ? names_check_title(c->title) : NULL },
	};

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		if (found[i].why != NULL) {
			*what = found[i].what;
			return found[i].why;
		}
	must(ids_read_room(slug, &c->name) == 0);
	must(rooms_read_notices(c->notices, &c->policy) == 0);
	names_add_clean(c->title != NULL ? c->title : slug, &c->clean);
	return NULL;
}

static enum db_rc
make(struct db *db, void *arg)
{
	struct creation *c = arg;
	struct room_draft draft = { .name = c->name,
		.namespace = c->namespace,
		.title = buf_str(&c->clean),
		.capacity = c->capacity,
		.grace = c->grace,
		.expires = c->expires,
		.slow = c->slow,
		.notices = (int)c->policy,
		.password = c->hash.len > 0 ? buf_str(&c->hash) : NULL,
		.listed = c->unlisted ? ROOM_UNLISTED : ROOM_LISTED };
	struct room room;
	enum db_rc rc;

	/* Checked first: a refused room must not leave its owner behind. */
	rc = rooms_find(db, c->name.s, &room);
	if (rc != DB_NONE)
		return rc == DB_OK ? DB_CONFLICT : rc;
	rc = accounts_make(db, &draft.owner, &c->token);
	return rc == DB_OK ? rooms_make(db, &draft, &room) : rc;
}

/*
 * Hashes the first line of the password file, so that no password stands in
 * the list of processes.  NULL, or why not.
 */
static const char *
read_password(struct creation *c)
{
	char line[PASSWORD_BYTES_MAX + 2] = "";
	const char *why;
	FILE *f;

	if (c->password_file == NULL)
		return NULL;
	f = strcmp(c->password_file, "-") == 0 ? stdin :
						 fopen(c->password_file, "re");
	if (f == NULL)
		return "the password file cannot be read";
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	if (f != stdin)
		(void)fclose(f);
	line[strcspn(line, "\n")] = '\0';
	why = passwords_check(line);
	if (why == NULL && passwords_hash(line, &c->hash) != DB_OK)
		why = "the password cannot be hashed";
	explicit_bzero(line, sizeof(line));
	return why;
}

int
command_room_create(const struct call *call)
{
	struct creation c = { .namespace = room_check_main,
		.notices = "all",
		.capacity = call->settings->room_capacity,
		.grace = call->settings->room_grace_ms };
	const char *slug, *why, *what = "";
	int status;
	enum db_rc rc;

	if (options_read(call, creation_options, N_CREATION, &c, &slug) != 0)
		return EXIT_USAGE;
	why = check(slug, &c, &what);
	if (why == NULL)
		why = read_password(&c);
	if (why != NULL) {
		log_error("room cannot be created", "room=\"%s\" why=\"%s%s\"",
		    slug, what, why);
		buf_done(&c.clean);
		return EXIT_USAGE;
	}
	rc = command_in_store(call, db_write, make, &c);
	status = answer(rc, slug);
	if (rc == DB_CONFLICT && c.if_missing)
		status = EXIT_FINE;
	else if (rc == DB_CONFLICT)
		log_error("room already exists; --if-missing accepts that",
		    "room=\"%s\"", slug);
	if (rc == DB_OK && c.owner_token)
		(void)puts(c.token.s);
	buf_done(&c.clean);
	buf_done(&c.hash);
	return status;
}

struct listing {
	const char *namespace; /* NULL: of every one, also unlisted rooms */
	int all;
	struct buf rooms; /* a page as a JSON array */
	struct room_name after;
	int more;
};

static enum db_rc
list_page(struct db *db, void *arg)
{
	struct listing *l = arg;
	const char *after = l->after.s[0] != '\0' ? l->after.s : NULL;
	enum db_rc rc;

	buf_clear(&l->rooms);
	buf_addc(&l->rooms, '[');
	rc = rooms_add_list(
	    db, l->namespace, after, LIST_PAGE, &l->rooms, &l->more);
	buf_addc(&l->rooms, ']');
	return rc;
}

static void
print_page(struct listing *l)
{
	json_t *rooms = json_loadb(l->rooms.p, l->rooms.len, 0, NULL), *room;
	size_t i;

	must(json_is_array(rooms));
	json_array_foreach(rooms, i, room)
	{
		const char *id, *title;
		json_int_t online, capacity;

		must(json_unpack(room, "{s:s, s:I, s:I, s:s}", "id", &id,
			 "online", &online, "capacity", &capacity, "title",
			 &title) == 0);
		(void)printf(
		    "%s\t%lld\t%lld\t%s\n", id, online, capacity, title);
		(void)snprintf(l->after.s, sizeof(l->after.s), "%s", id);
	}
	/* After an empty page there is no room to continue from. */
	if (json_array_size(rooms) == 0)
		l->more = 0;
	json_decref(rooms);
}

static enum db_rc
list(struct db *db, void *arg)
{
	struct listing *l = arg;
	enum db_rc rc;

	do {
		rc = list_page(db, l);
		/* An empty page is no error here. */
		if (rc == DB_NONE)
			rc = DB_OK;
		if (rc == DB_OK)
			print_page(l);
	} while (rc == DB_OK && l->more);
	return rc;
}

static void
print_any(const char *json, const char *namespace)
{
	json_t *room = json_loads(json, 0, NULL);
	const char *id, *title, *of;
	json_int_t online, capacity;
	int listed;

	must(json_unpack(room, "{s:s, s:I, s:I, s:s, s:s, s:b}", "id", &id,
		 "online", &online, "capacity", &capacity, "title", &title,
		 "namespace", &of, "listed", &listed) == 0);
	if (namespace == NULL || strcmp(namespace, of) == 0)
		(void)printf("%s\t%lld\t%lld\t%s\t%s\t%s\n", id, online,
		    capacity, title, of, listed ? "listed" : "unlisted");
	json_decref(room);
}

static enum db_rc
list_all(struct db *db, void *arg)
{
	const struct listing *l = arg;
	struct room_id id = { 0 };
	struct buf json = BUF_INIT;
	enum db_rc rc;

	while ((rc = inventory_next_room(db, &id)) == DB_OK) {
		buf_clear(&json);
		rc = rooms_add_json(db, id, &json);
		if (rc != DB_OK)
			break;
		print_any(buf_str(&json), l->namespace);
	}
	buf_done(&json);
	return rc == DB_NONE ? DB_OK : rc;
}

static const struct option_def listing_options[] = {
	{ "--namespace", OPTION_TEXT, offsetof(struct listing, namespace) },
	{ "--all", OPTION_SWITCH, offsetof(struct listing, all) },
};

int
command_room_list(const struct call *call)
{
	struct listing l = { .namespace = NULL };
	int status;

	if (options_read(call, listing_options, 2, &l, NULL) != 0)
		return EXIT_USAGE;
	if (l.namespace == NULL && !l.all)
		l.namespace = room_check_main;
	status = answer(
	    command_in_store(call, db_read, l.all ? list_all : list, &l), "");
	buf_done(&l.rooms);
	return status;
}

struct one {
	const char *slug;
	struct buf json;
};

static enum db_rc
show(struct db *db, void *arg)
{
	struct one *o = arg;
	struct room room;
	enum db_rc rc = rooms_find(db, o->slug, &room);

	return rc == DB_OK ? rooms_add_json(db, room.id, &o->json) : rc;
}

int
command_room_show(const struct call *call)
{
	struct one o = { NULL, BUF_INIT };
	int status;

	if (options_read(call, NULL, 0, NULL, &o.slug) != 0)
		return EXIT_USAGE;
	status = answer(command_in_store(call, db_read, show, &o), o.slug);
	if (status == EXIT_FINE)
		(void)puts(buf_str(&o.json));
	buf_done(&o.json);
	return status;
}

static enum db_rc delete (struct db *db, void *arg) {
	struct one *o = arg; struct room room;
	enum db_rc rc = rooms_find(db, o->slug, &room);

	return rc == DB_OK ? room_end_delete(db, &room) : rc;
}

int
command_room_delete(const struct call *call)
{
	struct one o = { NULL, BUF_INIT };

	if (options_read(call, NULL, 0, NULL, &o.slug) != 0)
		return EXIT_USAGE;
	return answer(
	    command_in_store(call, db_write_freeing, delete, &o), o.slug);
}
