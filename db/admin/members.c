#include <inttypes.h>
#include <jansson.h>

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/chat/accounts.h"
#include "db/chat/removal.h"
#include "db/rows/bans.h"
#include "db/rows/chatters.h"
#include "db/rows/inventory.h"
#include "db/rows/rooms.h"

enum { ROOM, CHATTER, N_WORDS };
enum { LIST_PAGE = 200, MS_PER_S = 1000, BAN_SECONDS_MAX = 315360000 };

/* The words and options of the commands here. */
struct members {
	const char *words[N_WORDS];
	int64_t seconds; /* of a ban; 0: for good */
	int reset;
	struct token token;
	const char *why; /* a rule refuses; in words */
};

static int
answer(enum db_rc rc, const struct members *m)
{
	const char *chatter =
	    m->words[CHATTER] != NULL ? m->words[CHATTER] : "";

	if (m->why != NULL)
		log_error(m->why, "room=\"%s\" chatter=\"%s\"", m->words[ROOM],
		    chatter);
	else if (rc == DB_NONE)
		log_error("no such room; parlor room list --all prints them",
		    "room=\"%s\"", m->words[ROOM]);
	return rc == DB_OK ? EXIT_FINE : EXIT_FAILED;
}

static enum db_rc
add_token(struct db *db, void *arg)
{
	struct members *m = arg;
	struct room room;
	enum db_rc rc = rooms_find(db, m->words[ROOM], &room);

	if (rc != DB_OK)
		return rc;
	rc = accounts_add_token(
	    db, room.owner, m->reset ? TOKENS_ALONE : TOKENS_MORE, &m->token);
	if (rc == DB_CONFLICT)
		m->why = "a service key owns the room; use the key, or revoke"
			 " it and add another";
	if (rc == DB_NONE)
		m->why = "the room's owner has been forgotten; delete the room,"
			 " or create another";
	return rc;
}

int
command_room_owner(const struct call *call)
{
	static const struct option_def options[] = {
		{ "--reset", OPTION_SWITCH, offsetof(struct members, reset) },
	};
	struct members m = { .seconds = 0 };
	int status;

	if (options_read(call, options, 1, &m, &m.words[ROOM]) != 0)
		return EXIT_USAGE;
	status = answer(command_in_store(call, db_write, add_token, &m), &m);
	if (status == EXIT_FINE)
		(void)puts(m.token.s);
	return status;
}

static const char *
word_for(const struct inventory_seat *seat)
{
	if (seat->left)
		return "left";
	return seat->online ? "present" : "away";
}

static enum db_rc
print_seat(struct db *db, const struct inventory_seat *seat)
{
	struct buf json = BUF_INIT;
	enum db_rc rc = chatters_add_json(db, seat->chatter, &json);
	json_t *chatter = json_loads(buf_str(&json), 0, NULL);
	const char *id, *nickname, *role;

	if (rc == DB_OK) {
		must(json_unpack(chatter, "{s:s, s:s, s:s}", "id", &id,
			 "nickname", &nickname, "role", &role) == 0);
		(void)printf(
		    "%s\t%s\t%s\t%s\n", id, role, word_for(seat), nickname);
	}
	json_decref(chatter);
	buf_done(&json);
	return rc;
}

static enum db_rc
list_seats(struct db *db, void *arg)
{
	const struct members *m = arg;
	struct inventory_seat seat = { .left = 0 };
	struct room room;
	enum db_rc rc = rooms_find(db, m->words[ROOM], &room);

	if (rc != DB_OK)
		return rc;
	while ((rc = inventory_next_in_room(db, room.id, &seat)) == DB_OK) {
		rc = print_seat(db, &seat);
		if (rc != DB_OK)
			return rc;
	}
	return rc == DB_NONE ? DB_OK : rc;
}

int
command_room_members(const struct call *call)
{
	struct members m = { .seconds = 0 };

	if (options_read(call, NULL, 0, NULL, &m.words[ROOM]) != 0)
		return EXIT_USAGE;
	return answer(command_in_store(call, db_read, list_seats, &m), &m);
}

/* The room and the chatter that the words name. */
static enum db_rc
find(struct db *db, struct members *m, struct room *room, struct chatter *c)
{
	enum db_rc rc = rooms_find(db, m->words[ROOM], room);

	if (rc != DB_OK)
		return rc;
	rc = chatters_by_name(db, room->id, m->words[CHATTER], c);
	if (rc == DB_NONE)
		m->why = "the room has no chatter of that id; parlor room"
			 " members prints the ids";
	return rc;
}

static enum db_rc
ban(struct db *db, void *arg)
{
	struct members *m = arg;
	struct chatter chatter;
	struct room room;
	enum db_rc rc = find(db, m, &room, &chatter);

	if (rc == DB_OK && chatter.user.n == room.owner.n) {
		m->why = "the owner of a room cannot be banned from it";
		rc = DB_CONFLICT;
	}
	return rc == DB_OK ?
	    removal_ban(db, &room, &chatter, m->seconds * MS_PER_S) :
	    rc;
}

int
command_ban_add(const struct call *call)
{
	static const struct option_def options[] = {
		{ "--seconds", OPTION_NUMBER,
		    offsetof(struct members, seconds) },
	};
	struct members m = { .seconds = 0 };
	struct operands both = { m.words, N_WORDS, N_WORDS };

	if (options_words(call, options, 1, &m, &both) != 0)
		return EXIT_USAGE;
	if (m.seconds > BAN_SECONDS_MAX) {
		log_error("a ban lasts at most 315360000 seconds, or for good",
		    "seconds=%" PRId64, m.seconds);
		return EXIT_USAGE;
	}
	return answer(command_in_store(call, db_write_freeing, ban, &m), &m);
}

/* Prints a page; gives the id of the last chatter, or nothing. */
static void
print_bans(const struct buf *page, struct chatter_name *last)
{
	json_t *bans = json_loadb(page->p, page->len, 0, NULL), *b;
	size_t i;

	must(json_is_array(bans));
	last->s[0] = '\0';
	json_array_foreach(bans, i, b)
	{
		const char *id, *nickname, *until;

		must(json_unpack(b, "{s:{s:s, s:s}}", "chatter", "id", &id,
			 "nickname", &nickname) == 0);
		until = json_string_value(json_object_get(b, "until"));
		(void)printf("%s\t%s\t%s\n", id,
		    until != NULL ? until : "for good", nickname);
		(void)snprintf(last->s, sizeof(last->s), "%s", id);
	}
	json_decref(bans);
}

static enum db_rc
list_bans(struct db *db, void *arg)
{
	const struct members *m = arg;
	struct chatter after = { .id = { 0 } };
	struct buf page = BUF_INIT;
	struct chatter_name last;
	struct room room;
	enum db_rc rc = rooms_find(db, m->words[ROOM], &room);
	int more = 1;

	while (rc == DB_OK && more) {
		buf_clear(&page);
		buf_addc(&page, '[');
		rc = bans_add_list(
		    db, room.id, after.id, LIST_PAGE, &page, &more);
		if (rc == DB_NONE)
			rc = DB_OK;
		buf_addc(&page, ']');
		if (rc != DB_OK)
			break;
		print_bans(&page, &last);
		if (more)
			rc = chatters_by_name(db, room.id, last.s, &after);
	}
	buf_done(&page);
	return rc;
}

int
command_ban_list(const struct call *call)
{
	struct members m = { .seconds = 0 };

	if (options_read(call, NULL, 0, NULL, &m.words[ROOM]) != 0)
		return EXIT_USAGE;
	return answer(command_in_store(call, db_read, list_bans, &m), &m);
}

static enum db_rc
lift(struct db *db, void *arg)
{
	struct members *m = arg;
	struct chatter chatter;
	struct room room;
	enum db_rc rc = find(db, m, &room, &chatter);

	if (rc != DB_OK)
		return rc;
	rc = bans_lift(db, room.id, chatter.user);
	if (rc == DB_NONE)
		m->why = "that chatter is not banned";
	return rc;
}

int
command_ban_lift(const struct call *call)
{
	struct members m = { .seconds = 0 };
	struct operands both = { m.words, N_WORDS, N_WORDS };

	if (options_words(call, NULL, 0, NULL, &both) != 0)
		return EXIT_USAGE;
	return answer(command_in_store(call, db_write, lift, &m), &m);
}
