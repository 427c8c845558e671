#include "db/chat/people.h"

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/log.h"
#include "db/chat/exports.h"
#include "db/chat/user_end.h"
#include "db/rows/rooms.h"

struct named {
	const char *name;
	int is_ambiguous;
};

static int
answer(enum db_rc rc, const struct named *n, const char *none)
{
	if (n->is_ambiguous)
		log_error("a room and a person are called so; name the person"
			  " by the id of a chatter",
		    "name=\"%s\"", n->name);
	else if (rc == DB_NONE)
		log_error(none, "name=\"%s\"", n->name);
	return rc == DB_OK ? EXIT_FINE : EXIT_FAILED;
}

static void
print(const struct buf *line, void *arg)
{
	(void)arg;
	(void)puts(buf_str(line));
}

/* As command_in_store wants it; the export reads in portions of its own. */
static enum db_rc export(struct db *db, db_fn fn, void *arg) {
	struct named *n = arg; struct user_id user; struct room room;
	enum db_rc is_room = rooms_find(db, n->name, &room),
	is_person = people_find(db, n->name, &user);

	(void)fn;
	n->is_ambiguous = is_room == DB_OK && is_person == DB_OK;
	if (n->is_ambiguous) return DB_CONFLICT;
	if (is_room == DB_OK) return exports_room(db, n->name, print, NULL);
	return is_room == DB_NONE ? exports_person(db, n->name, print, NULL) :
				    is_room;
}

int
command_export(const struct call *call)
{
	struct named n = { NULL, 0 };
	int status;

	if (options_read(call, NULL, 0, NULL, &n.name) != 0)
		return EXIT_USAGE;
	status = answer(command_in_store(call, export, NULL, &n), &n,
	    "no room and no person is called so; a person is named by the id"
	    " of GET /me, the site's own name for them, or a chatter's id");
	if (fflush(stdout) != 0) {
		log_error("export cannot be written; free space where it goes",
		    "name=\"%s\"", n.name);
		return EXIT_FAILED;
	}
	return status;
}

static enum db_rc
forget(struct db *db, void *arg)
{
	const struct named *n = arg;
	struct user_id user;
	enum db_rc rc = people_find(db, n->name, &user);

	return rc == DB_OK ? user_end_forget(db, user) : rc;
}

int
command_forget(const struct call *call)
{
	struct named n = { NULL, 0 };

	if (options_read(call, NULL, 0, NULL, &n.name) != 0)
		return EXIT_USAGE;
	return answer(command_in_store(call, db_write_freeing, forget, &n), &n,
	    "no person is called so; name one by the id of GET /me, the site's"
	    " own name for them, or a chatter's id");
}
