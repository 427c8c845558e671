/*
 * settings: what the operator decides, one table (db/base/settings.def).
 *
 * Read once, at start, before any thread: from a file parlor.conf of lines
 * `name = value` (found by PARLOR_CONF, else next to the program, else
 * /etc/parlor/parlor.conf), then from PARLOR_NAME in the process's
 * environment, then from --name VALUE or --name=VALUE on the command line;
 * the later wins.  Never from a request: HTTP_* can be forged, and under CGI
 * the whole command line too (db/base/gateway.h), so it is ignored there.
 *
 * Texts belong to the settings and live until the process ends.
 */
#ifndef DB_BASE_SETTINGS_H
#define DB_BASE_SETTINGS_H

#include <stdint.h>
#include <stdio.h>

struct settings {
#define SETTING_TEXT(name, value, meaning)                const char *name;
#define SETTING_INT(name, value, min, max, unit, meaning) int64_t name;
#include "db/base/settings.def"
#undef SETTING_TEXT
#undef SETTING_INT
};

/* Fills in the defaults; what a test begins with. */
void settings_default(struct settings *);

/*
 * Reads defaults, file, environment and options.  ARGV is reordered: what is
 * not a setting's option comes first; the number of those is returned.
 * -1: something is wrong, and one line on stderr said what and how to mend.
 */
int settings_load(struct settings *, int argc, char **argv)
    __attribute__((warn_unused_result));

/* Prints the table for people: name, meaning, default, range, unit. */
void settings_help(FILE *);

#endif
