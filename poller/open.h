/*
 * open: GET /events, from the request to a stream in the hub or an answer.
 */
#ifndef POLLER_OPEN_H
#define POLLER_OPEN_H

#include "poller/http.h"

/*
 * Checks who asks for what from where on, makes the caller present, and then
 * hands the socket to the hub (MHD_NO: libmicrohttpd forgets it) or answers.
 */
enum MHD_Result open_answer(struct exchange *);

#endif
