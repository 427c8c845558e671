/*
 * first_run: on a host without a shell, makes and upgrades the store when a web
 * server starts the program.
 */
#ifndef API_DOORS_FIRST_RUN_H
#define API_DOORS_FIRST_RUN_H

#include "db/base/settings.h"

/*
 * With auto_migrate, makes the store or brings it to this program's schema,
 * under the lock that all programs share.  0; -1: the store cannot be used, and
 * stderr says why.  DOCUMENT_ROOT is the web server's, NULL if it is not known
 * yet.  Before any thread starts.
 */
int first_run_migrate(const struct settings *, const char *document_root)
    __attribute__((warn_unused_result));

/*
 * 1: auto_migrate is set and the data lies where the web server could hand it
 * out; stderr says so.  Any thread.
 */
int first_run_is_public(const struct settings *, const char *document_root);

#endif
