/*
 * diagnosis: what is found wrong with a site, and how to mend it.
 *
 * The table remedies.def names for each finding the line to add, and the file
 * that it belongs to, for each web server.  A finding without a line for the
 * server at hand gets those of all servers.
 *
 * Findings and notes are printed as they are made, or, as JSON, at the end.
 * The caller owns a struct diagnosis and must end it.  One thread at a time.
 */
#ifndef DB_ADMIN_DIAGNOSIS_H
#define DB_ADMIN_DIAGNOSIS_H

#include <jansson.h>

/* The web servers that a site can be seen to have. */
enum front { FRONT_ANY, FRONT_APACHE, FRONT_NGINX, FRONT_CADDY, FRONT_NONE };

enum finding {
#define FINDING(name, code) FINDING_##name,
#define REMEDY(name, front, where, line)
#include "db/admin/remedies.def"
#undef FINDING
#undef REMEDY
};

struct diagnosis {
	int as_json;
	enum front front;
	const char *origin; /* for lines with %s; NULL: none has it */
	json_t *findings, *notes, *looked; /* arrays */
};

void diagnosis_begin(struct diagnosis *, int as_json);

/* Something is wrong; FMT makes one sentence. */
void diagnosis_find(struct diagnosis *, enum finding, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Something is worth knowing, and well. */
void diagnosis_note(struct diagnosis *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* WHAT, a constant, was looked at. */
void diagnosis_looked(struct diagnosis *, const char *what);

/* Prints the rest about URL and gives all back; the number of findings. */
int diagnosis_end(struct diagnosis *, const char *url);

#endif
