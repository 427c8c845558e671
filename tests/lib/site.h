/*
 * site: an embedding site that signs tokens (RFC 7519) with a key that Parlor
 * knows.  Its times are those of the fake clock.
 */
#ifndef TESTS_LIB_SITE_H
#define TESTS_LIB_SITE_H

#include "db/base/buf.h"

/* A key, and the head of a token that is signed with one. */
extern const char site_secret[], site_hs256[];

/* Sets Parlor up for tokens of a site with KEY.  What jwts_setup() returns. */
int site_set_up(
    const char *algorithm, const char *key, const char *aud, const char *iss);

/* Replaces B by a token of HEAD and CLAIMS, signed with KEY by HS256. */
void site_sign(
    struct buf *b, const char *head, const char *claims, const char *key);

/* Appends a part of a token: the bytes in base64url. */
void site_add_part(struct buf *b, const void *bytes, size_t len);

/* The time N seconds from now, in ms, on a whole second. */
int64_t site_in_seconds(int64_t n);

/*
 * Replaces B by CLAIMS, in which each "@N" becomes the time N seconds from
 * now, in seconds.
 */
void site_expand_times(struct buf *b, const char *claims);

#endif
