#include "tests/lib/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/base/settings.h"
#include "db/chat/jwts.h"
#include "tests/lib/fake_clock.h"
#include "tests/lib/tmpdir.h"

const char site_secret[] = "0123456789abcdef0123456789abcdef";
const char site_hs256[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

/* Writes the key TEXT to a file in DIR, and its path to PATH. */
static void
write_key(struct buf *path, const char *dir, const char *text)
{
	FILE *file;

	buf_addf(path, "%s/key", dir);
	file = fopen(buf_str(path), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

int
site_set_up(
    const char *algorithm, const char *key, const char *aud, const char *iss)
{
	/* The rules keep no more of them than constants. */
	static struct settings s;
	struct buf path = BUF_INIT;
	char dir[TMPDIR_SIZE];
	int rc;

	settings_default(&s);
	tmpdir_make(dir);
	write_key(&path, dir, key);
	s.jwt_algorithm = algorithm;
	s.jwt_key_file = buf_str(&path);
	s.jwt_audience = aud;
	s.jwt_issuer = iss;
	s.jwt_leeway_ms = 0;
	rc = jwts_setup(&s);
	tmpdir_remove(dir);
	buf_done(&path);
	return rc;
}

void
site_add_part(struct buf *b, const void *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(
	    len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);

	(void)sodium_bin2base64(buf_space(b, size), size, bytes, len,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	b->len += size - 1;
}

void
site_sign(struct buf *b, const char *head, const char *claims, const char *key)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	buf_clear(b);
	site_add_part(b, head, strlen(head));
	buf_addc(b, '.');
	site_add_part(b, claims, strlen(claims));
	crypto_auth_hmacsha256_init(
	    &state, (const unsigned char *)key, strlen(key));
	crypto_auth_hmacsha256_update(
	    &state, (const unsigned char *)b->p, b->len);
	crypto_auth_hmacsha256_final(&state, mac);
	buf_addc(b, '.');
	site_add_part(b, mac, sizeof(mac));
}

int64_t
site_in_seconds(int64_t n)
{
	return (fake_clock_wall / 1000 + n) * 1000;
}

void
site_expand_times(struct buf *b, const char *claims)
{
	buf_clear(b);
	for (const char *p = claims; *p != '\0'; p++) {
		char *end;

		if (*p != '@') {
			buf_addc(b, *p);
			continue;
		}
		buf_addi(b, site_in_seconds(strtoll(p + 1, &end, 10)) / 1000);
		p = end - 1;
	}
}
