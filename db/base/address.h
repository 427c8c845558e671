/*
 * address: from where a request comes, as a text, and what stands for it.
 */
#ifndef DB_BASE_ADDRESS_H
#define DB_BASE_ADDRESS_H

#include <stddef.h>

/*
 * An IPv4 address whole; of an IPv6 one the first half, because one host has
 * a whole /64 to choose from.  An IPv4 address within IPv6 is that address.
 * LEN 0: it is not known.
 */
struct address_prefix {
	unsigned char bytes[8];
	size_t len;
};

/* TEXT may be anything, or NULL. */
struct address_prefix address_prefix(const char *text);

/*
 * The last element of what X-Forwarded-For says, lent: the front's own word.
 * Those before are the client's.
 */
const char *address_last(const char *list);

#endif
