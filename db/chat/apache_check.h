/*
 * apache_check: Apache's configuration on this machine, as far as it concerns
 * the services.
 *
 * It reads the files that Debian's and Red Hat's Apache load.  Except for a
 * document root above the data directory, nothing is found in a configuration
 * that does not name Parlor.
 */
#ifndef DB_CHAT_APACHE_CHECK_H
#define DB_CHAT_APACHE_CHECK_H

#include "db/base/findings.h"
#include "db/base/settings.h"

/*
 * Adds what is wrong in the configuration in DIR; NULL: where Apache usually has
 * it.  Gives the directory that was read; NULL: there is none, or it may not be
 * read.
 */
const char *apache_check_find(
    const struct settings *, const char *dir, struct findings *);

#endif
