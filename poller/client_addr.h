/*
 * client_addr: the address of the client that sent a request.
 */
#ifndef POLLER_CLIENT_ADDR_H
#define POLLER_CLIENT_ADDR_H

#include "poller/exchange.h"

/*
 * Adds the address as text, or nothing if it is unknown.  On a front's unix
 * socket it is the last address of X-Forwarded-For, which the front itself has
 * added; elsewhere it is the connection's, whatever the request says.
 */
void client_addr_add(const struct exchange *, struct buf *);

/*
 * A number that stands for the prefix of an address (db/base/address.h): of the
 * client of a request, and of a connection.  0: it is unknown, or there is none
 * (a unix socket).
 */
uint64_t client_addr_key(const struct exchange *);
uint64_t client_addr_key_of(const struct sockaddr *);

#endif
