/*
 * address: the network address of a client, as text and as a prefix.
 */
#ifndef DB_BASE_ADDRESS_H
#define DB_BASE_ADDRESS_H

#include <stddef.h>

/*
 * All of an IPv4 address; the first half of an IPv6 one, because one host may
 * choose from a whole /64.  An IPv4 address mapped to IPv6 is that address.
 * LEN 0: it is unknown.
 */
struct address_prefix {
	unsigned char bytes[8];
	size_t len;
};

/* TEXT may be anything, or NULL. */
struct address_prefix address_prefix(const char *text);

/*
 * The last of LIST, addresses with commas between, lent.  In a list that each
 * proxy on the way appends to, it is the nearest proxy's word; a client can
 * forge those before it.
 */
const char *address_last(const char *list);

#endif
