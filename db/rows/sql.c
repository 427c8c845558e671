#include "db/rows/sql.h"

const struct sql *const sql_files[] = {
#define SQL_FILE(number, name) &name##_sql,
#include "db/rows/sql.def"
#undef SQL_FILE
};
