/*
 * problem: a refusal as an RFC 9457 document.
 */
#ifndef API_HTTP_PROBLEM_H
#define API_HTTP_PROBLEM_H

#include "db/base/buf.h"
#include "db/base/problem.h"
#include "db/engine/db.h"

#define PROBLEM_TYPE "application/problem+json"

int problem_status(enum problem);
const char *problem_code(enum problem);

/* Seconds for Retry-After, 0 when the problem has none. */
int problem_retry_after(enum problem);

/* RFC 9110's phrase for a status that is in use: "Not Found" for 404. */
const char *problem_phrase(int status);

/* Adds the document. */
void problem_add_json(enum problem, struct buf *);

/*
 * The same for PROBLEM_INVALID_FIELDS: FIELD (a name in the body) and why it
 * is refused.
 */
void problem_add_field_json(const char *field, const char *why, struct buf *);

/*
 * The problem for RC: for DB_CONFLICT and DB_NONE it is WHY if that is set;
 * else NOT_FOUND, BUSY and so on.  Not for DB_OK.
 */
enum problem problem_of(enum db_rc rc, enum problem why);

#endif
