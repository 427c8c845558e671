/*
 * accept: content negotiation by the Accept header (RFC 9110 section 12.5.1).
 */
#ifndef API_HTTP_ACCEPT_H
#define API_HTTP_ACCEPT_H

#include <stddef.h>

/*
 * Which of the N media TYPES the header ACCEPT asks for.  Of those with the
 * greatest weight it is the one that is named most precisely, then the one
 * that stands first in the header, then the first of TYPES.  0 when ACCEPT is
 * NULL or accepts none of them: an answer in another form helps more than a
 * refusal, and the RFC leaves that to the server.
 */
size_t accept_choose(const char *accept, const char *const *types, size_t n);

#endif
