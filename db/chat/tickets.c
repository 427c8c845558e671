#include "db/chat/tickets.h"

#include <sodium.h>
#include <string.h>

#include "db/base/must.h"
#include "db/rows/meta.h"
#include "db/rows/steady.h"
#include "db/rows/users.h"

_Static_assert(META_SECRET_LEN == crypto_auth_KEYBYTES, "a key");

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING, BYTE_BITS = 8 };

/* The signed part: the user and the times, big end first. */
enum { NUMBER = 8, PAYLOAD = 3 * NUMBER };

static void
put_number(unsigned char *to, int64_t n)
{
	for (int i = NUMBER - 1; i >= 0; i--) {
		to[i] = (unsigned char)(n & UINT8_MAX);
		n >>= BYTE_BITS;
	}
}

static int64_t
get_number(const unsigned char *from)
{
	uint64_t n = 0;

	for (int i = 0; i < NUMBER; i++)
		n = n << BYTE_BITS | from[i];
	return (int64_t)n;
}

static void
add_base64(struct buf *b, const unsigned char *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, BASE64);

	(void)sodium_bin2base64(buf_space(b, size), size, bytes, len, BASE64);
	b->len += size - 1;
}

enum db_rc
tickets_make(struct db *db, const struct ticket *ticket, struct buf *text)
{
	unsigned char key[META_SECRET_LEN], mac[crypto_auth_BYTES];
	unsigned char payload[PAYLOAD];
	enum db_rc rc = meta_secret(db, key);

	if (rc != DB_OK)
		return rc;
	put_number(payload, ticket->user.n);
	put_number(payload + NUMBER, ticket->expires);
	put_number(payload + 2 * NUMBER, ticket->ends);
	must(crypto_auth(mac, payload, sizeof(payload), key) == 0);
	sodium_memzero(key, sizeof(key));
	add_base64(text, payload, sizeof(payload));
	buf_addc(text, '.');
	add_base64(text, mac, sizeof(mac));
	return DB_OK;
}

/* 0 when TEXT is base64 of exactly SIZE bytes up to END. */
static int
read_base64(const char *text, const char *end, unsigned char *to, size_t size)
{
	const char *stop;
	size_t len;

	if (sodium_base642bin(to, size, text, (size_t)(end - text), NULL, &len,
		&stop, BASE64) != 0)
		return -1;
	return len == size && stop == end ? 0 : -1;
}

enum db_rc
tickets_check(struct db *db, const char *text, struct ticket *ticket)
{
	unsigned char key[META_SECRET_LEN], mac[crypto_auth_BYTES];
	unsigned char payload[PAYLOAD];
	const char *dot = strchr(text, '.');
	enum db_rc rc;
	int bad;

	if (dot == NULL ||
	    read_base64(text, dot, payload, sizeof(payload)) != 0 ||
	    read_base64(dot + 1, dot + 1 + strlen(dot + 1), mac, sizeof(mac)))
		return DB_NONE;
	rc = meta_secret(db, key);
	if (rc != DB_OK)
		return rc;
	bad = crypto_auth_verify(mac, payload, sizeof(payload), key);
	sodium_memzero(key, sizeof(key));
	*ticket = (struct ticket){ { get_number(payload) },
		get_number(payload + NUMBER),
		get_number(payload + 2 * NUMBER) };
	if (bad || ticket->expires <= steady_now(db))
		return DB_NONE;
	return users_is_known(db, ticket->user);
}
