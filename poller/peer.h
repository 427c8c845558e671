/*
 * peer: from which address a request comes.
 */
#ifndef POLLER_PEER_H
#define POLLER_PEER_H

#include "poller/http.h"

/*
 * Adds it as a text, or nothing when it is not known.  On a front's unix
 * socket it is what the front says last (X-Forwarded-For); elsewhere it is
 * the connection's, whatever the request says.
 */
void peer_add(const struct exchange *, struct buf *);

#endif
