/*
 * meta: the one row of the table `meta`.
 *
 * Each of these calls reads or sets a column of it.  The columns are explained
 * where they are used: db/rows/steady.h, db/rows/secrets.h, db/rows/events.h,
 * db/chat/boot.h and db/chat/leases.h.
 */
#ifndef DB_ROWS_META_H
#define DB_ROWS_META_H

#include "db/engine/db.h"

enum { META_SECRET_LEN = 32 };

/* The store's own secret: the key of its keyed hashes and signatures. */
enum db_rc meta_secret(
    struct db *, unsigned char secret[META_SECRET_LEN]) DB_CHECK;

/* Steady time minus lease time.  meta_set_anchor: in a write transaction. */
enum db_rc meta_anchor(struct db *, int64_t *anchor) DB_CHECK;
enum db_rc meta_set_anchor(struct db *, int64_t anchor) DB_CHECK;

/* In a write transaction: events up to the seq FLOOR are gone. */
enum db_rc meta_set_floor(struct db *, int64_t floor) DB_CHECK;

/*
 * DB_NONE: ID is not the boot of the machine that the store met last.
 * meta_set_boot, in a write transaction: it is now.
 */
enum db_rc meta_boot_known(struct db *, const char *id) DB_CHECK;
enum db_rc meta_set_boot(struct db *, const char *id) DB_CHECK;

/*
 * The lease time up to which leases have been extended by time without
 * service.  meta_set_served: in a write transaction.
 */
enum db_rc meta_served(struct db *, int64_t *served) DB_CHECK;
enum db_rc meta_set_served(struct db *, int64_t served) DB_CHECK;

/*
 * DB_NONE: the keys of nicknames were not made by VERSION of the rules.
 * meta_set_name_keys, in a write transaction: they are now.
 */
enum db_rc meta_name_keys_are(struct db *, const char *version) DB_CHECK;
enum db_rc meta_set_name_keys(struct db *, const char *version) DB_CHECK;

/* In a write transaction: changes the row and changes it back. */
enum db_rc meta_touch(struct db *) DB_CHECK;

/*
 * In a write transaction: the log gets a new epoch, which no client has a
 * position in, and the next program to open the store meets a new boot.
 */
enum db_rc meta_renew(struct db *) DB_CHECK;

#endif
