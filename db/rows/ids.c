#include "db/rows/ids.h"

#include <assert.h>
#include <sodium.h>

/* Letters and digits that nobody mistakes for each other: 5 bits each. */
static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";

enum {
	BASE32 = 32,
	ROOM_RANDOM_LEN = 26, /* 130 bits */
	ROOM_NAME_MIN = 3
};

static void
fill(char *to, size_t len)
{
	unsigned char random[ROOM_NAME_MAX];

	randombytes_buf(random, len);
	for (size_t i = 0; i < len; i++)
		to[i] = base32[random[i] % BASE32];
	to[len] = '\0';
	sodium_memzero(random, sizeof(random));
}

void
ids_make_room(struct room_name *name)
{
	fill(name->s, ROOM_RANDOM_LEN);
}

void
ids_make_chatter(struct chatter_name *name)
{
	fill(name->s, CHATTER_NAME_LEN);
}

void
ids_make_user(struct user_name *name)
{
	fill(name->s, USER_NAME_LEN);
}

void
ids_write_token(const unsigned char bytes[TOKEN_BYTES], struct token *token)
{
	static_assert(
	    sodium_base64_ENCODED_LEN(TOKEN_BYTES,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) == TOKEN_LEN + 1,
	    "a token is 256 bits");
	(void)sodium_bin2base64(token->s, sizeof(token->s), bytes, TOKEN_BYTES,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void
ids_make_token(struct token *token)
{
	unsigned char random[TOKEN_BYTES];

	randombytes_buf(random, sizeof(random));
	ids_write_token(random, token);
	sodium_memzero(random, sizeof(random));
}

int
ids_read_room(const char *text, struct room_name *name)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (text[len] != '\0' || len < ROOM_NAME_MIN || len > ROOM_NAME_MAX ||
	    text[0] == '-' || text[len - 1] == '-')
		return -1;
	memcpy(name->s, text, len + 1);
	return 0;
}

int
ids_read_chatter(const char *text, struct chatter_name *name)
{
	size_t len = strspn(text, base32);

	if (text[len] != '\0' || len != CHATTER_NAME_LEN)
		return -1;
	memcpy(name->s, text, len + 1);
	return 0;
}

int
ids_check_conn(const char *text)
{
	size_t len = strspn(text,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789_-");

	return text[len] == '\0' && len >= 1 && len <= CONN_MAX ? 0 : -1;
}
