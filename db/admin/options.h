/*
 * options: parses a command's arguments, by a table.
 *
 * `--name VALUE`, `--name=VALUE` or, for a switch, `--name`; everything else
 * is an operand.
 */
#ifndef DB_ADMIN_OPTIONS_H
#define DB_ADMIN_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "db/admin/command.h"

enum option_kind {
	OPTION_TEXT, /* const char * */
	OPTION_NUMBER, /* int64_t, at least 0 */
	OPTION_TIME, /* int64_t, wall ms of an RFC 3339 time */
	OPTION_SWITCH /* int, 1 when given */
};

struct option_def {
	const char *name; /* with its dashes */
	enum option_kind kind;
	size_t offset; /* in the struct filled in */
};

/*
 * Fills in what the N options say and the one OPERAND (NULL: the command has
 * none).  Texts are CALL's.  0; -1: wrong, and said so on stderr.
 */
int options_read(const struct call *, const struct option_def *, size_t n,
    void *out, const char **operand) __attribute__((warn_unused_result));

/* The same with a number of operands; WORDS has room for MOST. */
struct operands {
	const char **words;
	int least, most;
};
int options_words(const struct call *, const struct option_def *, size_t n,
    void *out, const struct operands *) __attribute__((warn_unused_result));

#endif
