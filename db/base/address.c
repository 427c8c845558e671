#include "db/base/address.h"

#include <arpa/inet.h>
#include <string.h>

enum { V4_LEN = 4, V4_AT = 12 };

static const unsigned char mapped[V4_AT] = { [10] = 0xff, [11] = 0xff };

static struct address_prefix
take(const void *bytes, size_t len)
{
	struct address_prefix p = { .len = len };

	memcpy(p.bytes, bytes, len);
	return p;
}

struct address_prefix
address_prefix(const char *text)
{
	char plain[INET6_ADDRSTRLEN] = "";
	unsigned char v6[sizeof(struct in6_addr)];
	struct in_addr v4;
	size_t len = text != NULL ? strcspn(text, "% \t") : 0;

	if (len < sizeof(plain) && len > 0)
		memcpy(plain, text, len);
	if (inet_pton(AF_INET, plain, &v4) == 1)
		return take(&v4, V4_LEN);
	if (inet_pton(AF_INET6, plain, v6) != 1)
		return (struct address_prefix){ .len = 0 };
	if (memcmp(v6, mapped, sizeof(mapped)) == 0)
		return take(v6 + V4_AT, V4_LEN);
	return take(v6, sizeof(v6) / 2);
}

const char *
address_last(const char *list)
{
	const char *comma = strrchr(list, ',');
	const char *last = comma != NULL ? comma + 1 : list;

	return last + strspn(last, " \t");
}
