/*
 * address: the address of a client as text, and its prefix for rate limits.
 */
#ifndef DB_BASE_ADDRESS_H
#define DB_BASE_ADDRESS_H

#include <stddef.h>

/*
 * An IPv4 address in full; the first half of an IPv6 address, because a single
 * host may choose from a whole /64.  An IPv4 address mapped to IPv6 counts as
 * IPv4.  LEN 0: unknown.
 */
struct address_prefix {
	unsigned char bytes[8];
	size_t len;
};

/* TEXT may be anything, or NULL. */
struct address_prefix address_prefix(const char *text);

/*
 * The last of LIST, addresses with commas between, lent.  In a list that each
 * proxy on the way appends to, the last address comes from the nearest proxy; a
 * client can forge those before it.
 */
const char *address_last(const char *list);

#endif
