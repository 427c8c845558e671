/*
 * client_addr: from which address a request comes.
 */
#ifndef POLLER_CLIENT_ADDR_H
#define POLLER_CLIENT_ADDR_H

#include "poller/exchange.h"

/*
 * Adds it as a text, or nothing when it is not known.  On a front's unix
 * socket it is what the front says last (X-Forwarded-For); elsewhere it is
 * the connection's, whatever the request says.
 */
void client_addr_add(const struct exchange *, struct buf *);

#endif
