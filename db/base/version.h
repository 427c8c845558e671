/*
 * version: the version of all programs.  `--version` and `/health` report it.
 * The API document must name the same (docs/openapi.py).
 */
#ifndef DB_BASE_VERSION_H
#define DB_BASE_VERSION_H

#define PARLOR_VERSION "0.1.0"

#endif
