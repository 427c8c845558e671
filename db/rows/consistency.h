/*
 * consistency: invariants that span several tables, for `parlor check`.
 */
#ifndef DB_ROWS_CONSISTENCY_H
#define DB_ROWS_CONSISTENCY_H

#include "db/engine/schema.h"

/* SQL NULL ends it. */
extern const struct schema_question consistency_questions[];

#endif
