/*
 * cgi: the one request that a CGI process is started for.
 */
#ifndef API_DOORS_CGI_H
#define API_DOORS_CGI_H

#include "api/api.h"

/* From the environment and standard input; the exit status. */
int cgi_serve(const struct api *);

#endif
