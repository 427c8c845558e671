/*
 * openapi: docs/openapi.yaml as JSON, compiled in by the Makefile.
 */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include <stddef.h>

extern const char api_openapi_json[];
extern const size_t api_openapi_json_len;

#endif
