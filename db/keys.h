/*
 * keys: what a service key may do.
 */
#ifndef DB_KEYS_H
#define DB_KEYS_H

enum key_scope { KEY_ROOMS = 1, KEY_ALERTS = 2, KEY_NOTIFICATIONS = 4 };

#endif
