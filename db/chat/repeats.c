#include "db/chat/repeats.h"

#include <assert.h>
#include <sodium.h>

#include "db/base/buf.h"
#include "db/base/must.h"
#include "db/rows/steady.h"

static void
hash_text(unsigned char hash[IDEMPOTENCY_HASH_LEN], const struct buf *text)
{
	must(crypto_generichash(hash, IDEMPOTENCY_HASH_LEN,
		 (const unsigned char *)text->p, text->len, NULL, 0) == 0);
}

void
repeats_init(struct repeat *repeat, const struct repeat_input *r)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%lld %lld %s ", (long long)r->user.n,
	    (long long)r->place, r->route);
	if (r->user.n == 0)
		for (size_t n = 0; n < r->from.len; n++)
			buf_addf(&text, "%02x", r->from.bytes[n]);
	buf_addc(&text, ' ');
	buf_adds(&text, r->key);
	hash_text(repeat->id.hash, &text);
	/* The key salts it: a body may hold a password, which could be guessed. */
	buf_add(&text, r->body, r->len);
	hash_text(repeat->id.request, &text);
	static_assert((int)SEED_LEN == (int)IDEMPOTENCY_HASH_LEN, "a hash");
	buf_adds(&text, " seed");
	hash_text(repeat->seed, &text);
	buf_done(&text);
}

/* Steady time: an older row is as good as none. */
static int64_t
oldest(struct db *db)
{
	return steady_now(db) - REPEATS_KEEP_MS;
}

enum db_rc
repeats_find(
    struct db *db, const struct repeat *repeat, struct idempotency_made *made)
{
	return idempotency_find(db, &repeat->id, oldest(db), made);
}

enum db_rc
repeats_keep(struct db *db, const struct repeat *repeat,
    const struct idempotency_made *made)
{
	return idempotency_put(db, &repeat->id, made, steady_now(db));
}

enum db_rc
repeats_due(struct db *db)
{
	return idempotency_due(db, oldest(db));
}

enum db_rc
repeats_prune(struct db *db, int limit)
{
	return idempotency_prune(db, oldest(db), limit);
}
