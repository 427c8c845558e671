/*
 * accept: content negotiation by the Accept header (RFC 9110 section 12.5.1).
 */
#ifndef API_HTTP_ACCEPT_H
#define API_HTTP_ACCEPT_H

#include <stddef.h>

/*
 * Chooses one of the N media TYPES by the header ACCEPT: of those with the
 * greatest weight the one that is named most precisely, then the one that
 * stands first in the header, then the first of TYPES.  0 when ACCEPT is NULL
 * or accepts none: an answer in another type helps more than a refusal, and the
 * RFC leaves that to the server.
 */
size_t accept_choose(const char *accept, const char *const *types, size_t n);

#endif
