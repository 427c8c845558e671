/*
 * accept: content negotiation by the headers Accept and Accept-Encoding (RFC 9110
 * section 12.5).
 */
#ifndef API_HTTP_ACCEPT_H
#define API_HTTP_ACCEPT_H

#include <stddef.h>

/*
 * Chooses one of the N media TYPES by the header ACCEPT and gives its index:
 * the type with the greatest weight; among equals the most precisely named,
 * then the first in the header, then the first of TYPES.  0 when ACCEPT is NULL
 * or accepts none of them: an answer in another type helps more than a refusal,
 * and the RFC leaves that choice to the server.
 */
size_t accept_choose(const char *accept, const char *const *types, size_t n);

/* 1 when the header Accept-Encoding, which may be NULL, names CODING and does not refuse it. */
int accept_has_coding(const char *accept_encoding, const char *coding);

#endif
