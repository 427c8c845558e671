/*
 * host_check: what on this machine keeps the services from working, beyond the
 * store.
 *
 * It looks at sockets that are left over, and at the limits of the daemons that
 * have the database open.  It changes nothing.
 */
#ifndef DB_CHAT_HOST_CHECK_H
#define DB_CHAT_HOST_CHECK_H

#include "db/base/findings.h"
#include "db/base/settings.h"

/*
 * Adds what it finds, and to NOTES what limits the services but is no fault: a
 * poller serves as many streams as it may open files.
 */
void host_check_find(
    const struct settings *, struct findings *, struct findings *notes);

#endif
