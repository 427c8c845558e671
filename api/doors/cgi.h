/* cgi: plain CGI: one process serves one request. */
#ifndef API_DOORS_CGI_H
#define API_DOORS_CGI_H

#include "api/api.h"

/* Serves it from the environment and standard input; gives the exit status. */
int cgi_serve(const struct api *);

#endif
