/*
 * ids: a type for each kind of id, and random names.  Passing a chatter where a
 * room belongs does not compile.
 */
#ifndef DB_ROWS_IDS_H
#define DB_ROWS_IDS_H

#include <stddef.h>
#include <stdint.h>

struct user_id {
	int64_t n;
};
struct room_id {
	int64_t n;
};
struct chatter_id {
	int64_t n;
};
struct message_id {
	int64_t n;
}; /* counts from 1 in its room */
struct notification_id {
	int64_t n;
};
struct node_id {
	int64_t n;
};
struct presence_id {
	int64_t n;
};
struct listener_id {
	int64_t n;
};
struct key_id {
	int64_t n;
}; /* of a service key; 0: none */

enum {
	ROOM_NAME_MAX = 40,
	CHATTER_NAME_LEN = 16,
	USER_NAME_LEN = 16,
	NAMESPACE_MAX = 64,
	TOKEN_BYTES = 32,
	TOKEN_LEN = 43, /* of those, as base64url */
	SEED_LEN = 32, /* bytes from which a token can be made again */
	CONN_MAX = 64 /* a connection's name */
};

/* A room's name in URLs: [a-z0-9-]{3,40}, checked when the room was made. */
struct room_name {
	char s[ROOM_NAME_MAX + 1];
};

/* The id by which others see a chatter. */
struct chatter_name {
	char s[CHATTER_NAME_LEN + 1];
};

/* The id of a user in GET /me, which only the user is told. */
struct user_name {
	char s[USER_NAME_LEN + 1];
};

struct token {
	char s[TOKEN_LEN + 1];
};

/*
 * Unguessable names, from the kernel's generator.  The first call in a process
 * is made before its threads start (store_open does).
 */
void ids_make_room(struct room_name *);
void ids_make_chatter(struct chatter_name *);
void ids_make_user(struct user_name *);
void ids_make_token(struct token *);

/* The token of these bytes, which must be unguessable. */
void ids_write_token(const unsigned char[TOKEN_BYTES], struct token *);

/* 0 and the name filled in when TEXT is well formed, else -1. */
int ids_read_room(const char *text, struct room_name *)
    __attribute__((warn_unused_result));
int ids_read_chatter(const char *text, struct chatter_name *)
    __attribute__((warn_unused_result));

/* [A-Za-z0-9_-]{1,64}: a client's name for a connection or a message. */
int ids_check_conn(const char *text) __attribute__((warn_unused_result));

#endif
