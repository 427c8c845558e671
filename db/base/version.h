/*
 * version: of all programs, as `--version` and `/health` tell it.
 */
#ifndef DB_BASE_VERSION_H
#define DB_BASE_VERSION_H

#define PARLOR_VERSION "0.1.0"

#endif
