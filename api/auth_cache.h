/*
 * auth_cache: remembers which senders were recently allowed into a room.
 *
 * A sender's rights are checked twice: before the handler runs, so that
 * strangers do not occupy the store's only writer, and in the write
 * transaction.  A recent sender skips the first check.  An entry proves
 * nothing: the transaction checks everything again.
 *
 * Safe from any thread.  New entries replace old ones.
 */
#ifndef API_AUTH_CACHE_H
#define API_AUTH_CACHE_H

struct caller;

int auth_cache_has(const struct caller *, const char *room);
void auth_cache_note(const struct caller *, const char *room);

/* After a refusal: the next call is checked before the handler again. */
void auth_cache_forget(const struct caller *, const char *room);

#endif
