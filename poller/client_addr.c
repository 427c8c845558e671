#include "poller/client_addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "db/base/address.h"
#include "db/base/hash.h"

static const void *
bytes_of(const struct sockaddr *from)
{
	const void *any = from;

	if (from->sa_family == AF_INET)
		return &((const struct sockaddr_in *)any)->sin_addr;
	if (from->sa_family == AF_INET6)
		return &((const struct sockaddr_in6 *)any)->sin6_addr;
	return NULL;
}

static void
add_address(const struct sockaddr *from, struct buf *b)
{
	const void *bytes = from != NULL ? bytes_of(from) : NULL;
	char text[INET6_ADDRSTRLEN];

	if (bytes != NULL &&
	    inet_ntop(from->sa_family, bytes, text, sizeof(text)) != NULL)
		buf_adds(b, text);
}

static const struct sockaddr *
connected_from(const struct exchange *x)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info != NULL ? info->client_addr : NULL;
}

void
client_addr_add(const struct exchange *x, struct buf *b)
{
	const char *said;

	if (!x->service->proxied) {
		add_address(connected_from(x), b);
		return;
	}
	said = x->headers.forwarded_for;
	if (said != NULL)
		buf_adds(b, address_last(said));
}

static uint64_t
key_of(const struct buf *text)
{
	struct address_prefix from = address_prefix(buf_str(text));

	return from.len > 0 ? hash_bytes(from.bytes, from.len) | 1 : 0;
}

uint64_t
client_addr_key(const struct exchange *x)
{
	struct buf text = BUF_INIT;
	uint64_t key;

	client_addr_add(x, &text);
	key = key_of(&text);
	buf_done(&text);
	return key;
}

uint64_t
client_addr_key_of(const struct sockaddr *from)
{
	struct buf text = BUF_INIT;
	uint64_t key;

	add_address(from, &text);
	key = key_of(&text);
	buf_done(&text);
	return key;
}
