/*
 * nicknames: nicknames, unique among those present.
 *
 * Nicknames are unique among those who are present: no two may look the same
 * (db/text/lookalike.h).  That is checked in the transaction that gives the
 * name or lets the chatter in.
 */
#ifndef DB_CHAT_NICKNAMES_H
#define DB_CHAT_NICKNAMES_H

#include "db/base/problem.h"
#include "db/rows/chatters.h"
#include "db/text/lookalike.h"

/*
 * DB_OK: C may be called NICKNAME in its room now; KEYS are that name's.
 * DB_CONFLICT with *WHY: nickname_taken or nickname_reserved.  Only C's room,
 * id ({0}: none yet) and role are read.
 */
enum db_rc nicknames_claim(struct db *, const struct chatter *c,
    const char *nickname, struct lookalike *keys, enum problem *why) DB_CHECK;

/*
 * Replaces NICKNAME and KEYS by a generated nickname and its keys.  A few
 * tries look for one that nobody in ROOM has.  LANGUAGE is an Accept-Language.
 */
enum db_rc nicknames_generate(struct db *, struct room_id room,
    const char *language, struct buf *nickname,
    struct lookalike *keys) DB_CHECK;

/*
 * In a write transaction, when C becomes present: puts a number behind its
 * nickname if someone present looks the same, and gives it a generated one if
 * its own is reserved and C is a member.
 */
enum db_rc nicknames_tell_apart(struct db *, const struct chatter *c) DB_CHECK;

#endif
