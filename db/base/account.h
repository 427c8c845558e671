/*
 * account: users of this machine, by /etc/passwd alone.
 *
 * A program that is linked statically cannot use the host's other sources of
 * users (nsswitch.conf).  Any thread may call.
 */
#ifndef DB_BASE_ACCOUNT_H
#define DB_BASE_ACCOUNT_H

#include <sys/types.h>

#include "db/base/buf.h"

/* Adds the name of user ID, else the number. */
void account_add_name(struct buf *, uid_t id);

/*
 * Adds PATH, which begins with "~/", with the home directory of the user who
 * runs the program in place of "~".  -1: no such directory is known.
 */
int account_add_home_path(struct buf *, const char *path)
    __attribute__((warn_unused_result));

#endif
