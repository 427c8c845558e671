#include "db/chat/rate_limit.h"

#include "db/base/buf.h"
#include "db/rows/rate_limits.h"
#include "db/rows/secrets.h"
#include "db/rows/steady.h"

enum { US_PER_MS = 1000, WORTH_MS = 60000 };

static int64_t
now_us(struct db *db)
{
	return steady_now(db) * US_PER_MS;
}

static enum db_rc
name(struct db *db, const struct rate_limit *b,
    unsigned char key[SECRET_HASH_LEN])
{
	struct buf text = BUF_INIT;
	enum db_rc rc;

	buf_addf(&text, "bucket %d %lld ", (int)b->kind, (long long)b->id);
	buf_add(&text, (const char *)b->from.bytes, b->from.len);
	rc = secrets_digest(db, text.p, text.len, key);
	buf_done(&text);
	return rc;
}

/*
 * *NEXT: when B is full again if another token is taken.  DB_CONFLICT: there
 * is no token for *WAIT ms.
 */
static enum db_rc
find_next(struct db *db, const struct rate_limit *b,
    const unsigned char key[SECRET_HASH_LEN], int64_t *next, int64_t *wait)
{
	int64_t now = now_us(db), end = now + b->most * b->every_us, full = now;
	enum db_rc rc = rate_limits_full(db, key, &full);

	if (rc != DB_OK && rc != DB_NONE)
		return rc;
	if (full < now)
		full = now;
	if (full > end)
		full = end - b->every_us;
	*next = full + b->every_us;
	if (*next <= end)
		return DB_OK;
	*wait = (*next - end + US_PER_MS - 1) / US_PER_MS;
	return DB_CONFLICT;
}

static enum db_rc
find(struct db *db, const struct rate_limit *b,
    unsigned char key[SECRET_HASH_LEN], int64_t *next, int64_t *wait,
    enum problem *why)
{
	enum db_rc rc = name(db, b, key);

	if (rc == DB_OK)
		rc = find_next(db, b, key, next, wait);
	if (rc == DB_CONFLICT)
		*why = PROBLEM_RATE_LIMITED;
	return rc;
}

enum db_rc
rate_limit_take(
    struct db *db, const struct rate_limit *b, int64_t *wait, enum problem *why)
{
	unsigned char key[SECRET_HASH_LEN];
	int64_t next;
	enum db_rc rc;

	if (b->most == 0)
		return DB_OK;
	rc = find(db, b, key, &next, wait, why);
	return rc == DB_OK ? rate_limits_set(db, key, next) : rc;
}

enum db_rc
rate_limit_peek(
    struct db *db, const struct rate_limit *b, int64_t *wait, enum problem *why)
{
	unsigned char key[SECRET_HASH_LEN];
	int64_t next;

	return b->most == 0 ? DB_OK : find(db, b, key, &next, wait, why);
}

enum db_rc
rate_limit_give(struct db *db, const struct rate_limit *b)
{
	unsigned char key[SECRET_HASH_LEN];
	enum db_rc rc;

	if (b->most == 0)
		return DB_OK;
	rc = name(db, b, key);
	return rc == DB_OK ? rate_limits_advance(db, key, b->every_us) : rc;
}

/* One write drops those that have become full in a while. */
enum db_rc
rate_limit_due(struct db *db)
{
	return rate_limits_any_full(
	    db, now_us(db) - (int64_t)WORTH_MS * US_PER_MS);
}

enum db_rc
rate_limit_prune(struct db *db, int limit)
{
	return rate_limits_prune(db, now_us(db), limit);
}
