/*
 * jwts: tokens that the embedding site signs for its users (RFC 7519).
 *
 * The one algorithm, the key and what a token must say come from the settings.
 * A token of any other algorithm is refused, "none" above all.  libjwt is
 * loaded at start, and only where it is configured: a host without it runs the
 * rest, and a CGI process starts no crypto that it does not need.
 */
#ifndef DB_CHAT_JWTS_H
#define DB_CHAT_JWTS_H

#include <stddef.h>
#include <stdint.h>

#include "db/base/limits.h"
#include "db/base/settings.h"

enum { JWT_MAX = 4096 }; /* bytes of a token */

struct claims {
	char subject[SUBJECT_MAX + 1];
	char nickname[NICKNAME_BYTES_MAX + 1]; /* "": none that can be used */
	int64_t expires; /* wall ms, with the leeway */
};

/*
 * Before any thread: takes the settings jwt_*.  0; -1: they cannot be used,
 * and one line on stderr said why.
 */
int jwts_setup(const struct settings *) __attribute__((warn_unused_result));

/* 1 when TEXT has the form of a token: three parts in base64url. */
int jwts_looks_like(const char *text, size_t len);

/*
 * 0 and the claims if the LEN bytes at TEXT are a token that is signed by the
 * key, meant for us, and valid now; else -1.  Safe from any thread.
 */
int jwts_read(const char *text, size_t len, struct claims *)
    __attribute__((warn_unused_result));

#endif
