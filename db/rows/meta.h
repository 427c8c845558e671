/*
 * meta: the one row that the store keeps about itself.
 *
 * Each of these reads or sets a column of it; what they are for is said where
 * they are used: db/rows/steady.h, db/rows/secrets.h, db/rows/events.h,
 * db/chat/boot.h and db/chat/leases.h.
 */
#ifndef DB_ROWS_META_H
#define DB_ROWS_META_H

#include "db/engine/db.h"

enum { META_SECRET_LEN = 32 };

/* What is keyed by the store's own secret is keyed by this. */
enum db_rc meta_secret(
    struct db *, unsigned char secret[META_SECRET_LEN]) DB_CHECK;

/* Steady time less lease time.  meta_set_anchor: in a write transaction. */
enum db_rc meta_anchor(struct db *, int64_t *anchor) DB_CHECK;
enum db_rc meta_set_anchor(struct db *, int64_t anchor) DB_CHECK;

/* In a write transaction: events up to the seq FLOOR are gone. */
enum db_rc meta_set_floor(struct db *, int64_t floor) DB_CHECK;

/*
 * DB_NONE: the store has met another boot of the machine than ID last.
 * meta_set_boot: in a write transaction; it has met this one.
 */
enum db_rc meta_boot_known(struct db *, const char *id) DB_CHECK;
enum db_rc meta_set_boot(struct db *, const char *id) DB_CHECK;

/*
 * Until when leases have been moved by the time without service (lease time).
 * meta_set_served: in a write transaction.
 */
enum db_rc meta_served(struct db *, int64_t *served) DB_CHECK;
enum db_rc meta_set_served(struct db *, int64_t served) DB_CHECK;

/*
 * DB_NONE: the keys of nicknames were made by another VERSION of the rules.
 * meta_set_name_keys: in a write transaction; they are of this one.
 */
enum db_rc meta_name_keys_are(struct db *, const char *version) DB_CHECK;
enum db_rc meta_set_name_keys(struct db *, const char *version) DB_CHECK;

/* In a write transaction: changes the row and changes it back. */
enum db_rc meta_touch(struct db *) DB_CHECK;

#endif
