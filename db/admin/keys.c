#include "db/chat/accounts.h"

#include <inttypes.h>

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/chat/key_words.h"

struct adding {
	const char *name;
	unsigned scopes;
	struct key_text text;
};

static enum db_rc
add(struct db *db, void *arg)
{
	struct adding *a = arg;

	return accounts_add_key(db, a->name, a->scopes, &a->text);
}

/* Reads the words of the command; -1: wrong, and said so. */
static int
read_words(const struct call *call, struct adding *a)
{
	if (call->argc < 2 || !key_words_name_ok(call->argv[0])) {
		log_error(
		    "a key needs a name of up to 40 characters (a-z 0-9 . _"
		    " -) and scopes: rooms, alerts, notifications",
		    "words=%d", call->argc);
		return -1;
	}
	a->name = call->argv[0];
	for (int i = 1; i < call->argc; i++) {
		unsigned scope = key_words_scope(call->argv[i]);

		if (scope == 0) {
			log_error(
			    "no such scope; the scopes are rooms, alerts and"
			    " notifications",
			    "scope=\"%s\"", call->argv[i]);
			return -1;
		}
		a->scopes |= scope;
	}
	return 0;
}

static int
answer(enum db_rc rc, const char *name)
{
	if (rc == DB_NONE)
		log_error("there is no such key, or it has been revoked",
		    "key=\"%s\"", name);
	if (rc == DB_CONFLICT)
		log_error(
		    "a key of that name exists or existed; choose another name",
		    "key=\"%s\"", name);
	return rc == DB_OK ? EXIT_FINE : EXIT_FAILED;
}

int
command_key_add(const struct call *call)
{
	struct adding a = { 0 };
	int status;

	if (read_words(call, &a) != 0)
		return EXIT_USAGE;
	status = answer(command_in_store(call, db_write, add, &a), a.name);
	if (status == EXIT_FINE)
		(void)puts(a.text.s);
	return status;
}

static void
print(const struct key_line *k, void *arg)
{
	struct buf line = BUF_INIT;

	(void)arg;
	buf_addf(&line, "%s\t", k->name);
	key_words_add_scopes(k->scopes, &line);
	buf_addc(&line, '\t');
	clock_add_rfc3339(&line, k->made);
	buf_addc(&line, '\t');
	if (k->revoked != 0)
		clock_add_rfc3339(&line, k->revoked);
	else
		buf_addc(&line, '-');
	(void)puts(buf_str(&line));
	buf_done(&line);
}

static enum db_rc
list(struct db *db, void *arg)
{
	return keys_each(db, print, arg);
}

int
command_key_list(const struct call *call)
{
	if (options_read(call, NULL, 0, NULL, NULL) != 0)
		return EXIT_USAGE;
	return answer(command_in_store(call, db_read, list, NULL), "");
}

struct revoking {
	const char *name;
};

static enum db_rc
revoke(struct db *db, void *arg)
{
	const struct revoking *r = arg;

	return accounts_revoke_key(db, r->name);
}

int
command_key_revoke(const struct call *call)
{
	struct revoking r = { NULL };

	if (options_read(call, NULL, 0, NULL, &r.name) != 0)
		return EXIT_USAGE;
	return answer(command_in_store(call, db_write, revoke, &r), r.name);
}
