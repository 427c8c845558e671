#include "db/chat/nicknames.h"

#include <sodium.h>

#include "db/base/must.h"
#include "db/text/reserved.h"
#include "db/text/text.h"

enum {
	GENERATED_TRIES = 8,
	SMALL_NUMBERS = 20, /* "kim 2" …; then random ones */
	LARGE_NUMBERS = 1000000
};

/* As chatters_name_taken of NICKNAME, whose keys are put into KEYS. */
static enum db_rc
taken(struct db *db, struct room_id room, struct chatter_id self,
    const char *nickname, struct lookalike *keys)
{
	lookalike_keys(nickname, keys);
	return chatters_name_taken(db, room, self, keys);
}

/* Puts the words of NICKNAME into WORDS.  1: C may not be called that. */
static int
is_kept_from(
    const struct chatter *c, const char *nickname, struct lookalike *words)
{
	lookalike_words(nickname, words);
	return c->role == ROLE_MEMBER && reserved_holds(nickname, words);
}

enum db_rc
nicknames_claim(struct db *db, const struct chatter *c, const char *nickname,
    struct lookalike *keys, enum problem *why)
{
	int kept = is_kept_from(c, nickname, keys);
	enum db_rc rc;

	lookalike_join(nickname, keys);
	rc = chatters_name_taken(db, c->room, c->id, keys);
	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	*why = PROBLEM_NONE;
	if (rc == DB_OK)
		*why = PROBLEM_NICKNAME_TAKEN;
	else if (kept)
		*why = PROBLEM_NICKNAME_RESERVED;
	return *why == PROBLEM_NONE ? DB_OK : DB_CONFLICT;
}

enum db_rc
nicknames_generate(struct db *db, struct room_id room, const char *language,
    struct buf *nickname, struct lookalike *keys)
{
	enum db_rc rc = DB_OK;

	for (int i = 0; rc == DB_OK && i < GENERATED_TRIES; i++) {
		buf_clear(nickname);
		text_add_generated(language, nickname);
		rc = taken(db, room, (struct chatter_id){ 0 },
		    buf_str(nickname), keys);
	}
	/* A chatter who returns with a taken name gets a number. */
	return rc == DB_NONE ? DB_OK : rc;
}

/* Bytes of NICKNAME without the number that was put behind it. */
static size_t
stem(const struct buf *nickname)
{
	size_t len = nickname->len;

	while (len > 0 && strchr("0123456789", nickname->p[len - 1]) != NULL)
		len--;
	if (len > 1 && len < nickname->len && nickname->p[len - 1] == ' ')
		return len - 1;
	return nickname->len;
}

static void
number(const struct buf *nickname, int n, struct buf *to)
{
	size_t len = stem(nickname);

	/*
	 * A nickname that was chosen at full length may end in a long number.
	 */
	must(len <= NICKNAME_BYTES_MAX);
	buf_clear(to);
	buf_add(to, nickname->p, len);
	buf_addc(to, ' ');
	buf_addi(to, n);
}

/* NICKNAME with the first number behind it that nobody present has. */
static enum db_rc
number_apart(struct db *db, const struct chatter *c, struct buf *nickname)
{
	struct lookalike keys = LOOKALIKE_INIT;
	struct buf other = BUF_INIT;
	enum db_rc rc = taken(db, c->room, c->id, buf_str(nickname), &keys);
	int n = 1;

	while (rc == DB_OK) {
		n++;
		if (n > SMALL_NUMBERS)
			n = SMALL_NUMBERS +
			    (int)randombytes_uniform(LARGE_NUMBERS);
		number(nickname, n, &other);
		rc = taken(db, c->room, c->id, buf_str(&other), &keys);
	}
	if (rc == DB_NONE)
		rc = other.len > 0 ?
		    chatters_set_nickname(db, c->id, buf_str(&other), &keys) :
		    DB_OK;
	buf_done(&other);
	lookalike_done(&keys);
	return rc;
}

enum db_rc
nicknames_tell_apart(struct db *db, const struct chatter *c)
{
	struct lookalike keys = LOOKALIKE_INIT;
	struct buf nickname = BUF_INIT;
	enum db_rc rc = chatters_nickname(db, c->id, &nickname);

	if (rc == DB_OK && is_kept_from(c, buf_str(&nickname), &keys)) {
		rc = nicknames_generate(db, c->room, NULL, &nickname, &keys);
		if (rc == DB_OK)
			rc = chatters_set_nickname(
			    db, c->id, buf_str(&nickname), &keys);
	}
	if (rc == DB_OK)
		rc = number_apart(db, c, &nickname);
	buf_done(&nickname);
	lookalike_done(&keys);
	return rc;
}
