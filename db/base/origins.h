/*
 * origins: the list of origins in the setting `cors_origins`.
 *
 * An origin is written as browsers write it (RFC 6454): scheme, host and a
 * port unless it is the scheme's own, all in small letters.  The list has
 * spaces between origins; `*` stands for any.
 */
#ifndef DB_BASE_ORIGINS_H
#define DB_BASE_ORIGINS_H

#include <stddef.h>

/* 0; -1: LIST is malformed, and a line on stderr said why. */
int origins_check(const char *list) __attribute__((warn_unused_result));

/* The word of LIST that equals TEXT; NULL: there is none. */
const char *origins_find(const char *list, const char *text);

/*
 * Bytes of the scheme that ORIGIN begins with, "://" included, and that
 * scheme's own *PORT with a colon before it.  0: it begins with no scheme that
 * pages have; *PORT is then not set.
 */
size_t origins_scheme(const char *origin, const char **port);

#endif
