#include "poller/client_addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "db/base/address.h"

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
add_connection(const struct exchange *x, struct buf *b)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *from = info != NULL ? info->client_addr : NULL;
	const void *bytes = from != NULL ? bytes_of(from) : NULL;
	char text[INET6_ADDRSTRLEN];

	if (bytes != NULL &&
	    inet_ntop(from->sa_family, bytes, text, sizeof(text)) != NULL)
		buf_adds(b, text);
}

void
client_addr_add(const struct exchange *x, struct buf *b)
{
	const char *said;

	if (!x->service->proxied) {
		add_connection(x, b);
		return;
	}
	said = x->headers.forwarded_for;
	if (said != NULL)
		buf_adds(b, address_last(said));
}
