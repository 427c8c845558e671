/*
 * settings: the table of settings, and where their values come from.
 *
 * They are read once, at start, before any thread.  Each of these overrides the
 * ones before it:
 *
 *	--default-NAME VALUE	options of a unit or a script that is shipped
 *	name = value		lines of parlor.conf, found by PARLOR_CONF, else
 *				next to the program, else in /etc/parlor
 *	PARLOR_NAME		of the process's environment
 *	--NAME VALUE		options
 *
 * An option may also be written --NAME=VALUE.  Nothing comes from a request:
 * clients choose variables named HTTP_*, and under CGI the command line as well
 * (db/base/gateway.h), so under CGI the command line is ignored.
 *
 * Texts belong to the settings and live until the process ends.
 */
#ifndef DB_BASE_SETTINGS_H
#define DB_BASE_SETTINGS_H

#include <stdint.h>
#include <stdio.h>

struct settings {
#define SETTING_TEXT(name, value, users, meaning)                const char *name;
#define SETTING_INT(name, value, min, max, unit, users, meaning) int64_t name;
#include "db/base/settings.def"
#undef SETTING_TEXT
#undef SETTING_INT
};

/* Fills in the defaults; tests begin with it. */
void settings_default(struct settings *);

/*
 * Reads defaults, file, environment and options.  ARGV is reordered: arguments
 * that are no setting's option come first; their number is returned. -1:
 * something is wrong, and a line on stderr says what and how to fix it.
 */
int settings_load(struct settings *, int argc, char **argv)
    __attribute__((warn_unused_result));

/*
 * Logs a line for each setting of the file that the environment or an option
 * has overruled with another value, at the last settings_load.
 */
void settings_log_overruled(void);

enum settings_user {
	SETTINGS_ADMIN = 1,
	SETTINGS_API = 2,
	SETTINGS_POLLER = 4
};

/*
 * Prints the settings that USER uses, for people: name, meaning, default,
 * range, unit.
 */
void settings_help(FILE *, enum settings_user user);

#endif
