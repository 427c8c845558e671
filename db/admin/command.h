/*
 * command: the table of commands.
 */
#ifndef DB_ADMIN_COMMAND_H
#define DB_ADMIN_COMMAND_H

#include "db/base/settings.h"
#include "db/engine/db.h"

/* The input of a command: the words that follow its name. */
struct call {
	const struct settings *settings;
	int argc;
	char **argv;
};

/* The program's exit status. */
enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/*
 * Runs FN by db_read or db_write (HOW), on a store that is open for this
 * command only.
 */
enum db_rc command_in_store(const struct call *,
    enum db_rc (*how)(struct db *, db_fn, void *), db_fn, void *arg) DB_CHECK;

/* Prints what `parlor check` finds in the store; the exit status. */
int command_check_store(const struct call *);

#define COMMAND(name, usage, meaning, function) \
	int function(const struct call *);
#include "db/admin/commands.def"
#undef COMMAND

#endif
