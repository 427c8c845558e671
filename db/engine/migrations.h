/*
 * migrations: the texts of migrations/, compiled in.  The Makefile writes them,
 * in the order of their numbers and ended by NULL.
 */
#ifndef DB_ENGINE_MIGRATIONS_H
#define DB_ENGINE_MIGRATIONS_H

extern const char *const migrations[];

/*
 * The schema number that this program was built for: the number of migrations.
 */
extern const int store_schema;

#endif
