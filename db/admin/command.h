/*
 * command: what `parlor` can be asked to do; commands.def lists it all.
 */
#ifndef DB_ADMIN_COMMAND_H
#define DB_ADMIN_COMMAND_H

#include "db/base/settings.h"
#include "db/db.h"

/* What a command gets: the words that follow its name. */
struct call {
	const struct settings *settings;
	int argc;
	char **argv;
};

/* The program's exit status. */
enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define COMMAND(name, usage, meaning, function) \
	int function(const struct call *);
#include "db/admin/commands.def"
#undef COMMAND

#endif
