/*
 * auth_cache: who was allowed into a room a moment ago.
 *
 * What lets a sender through is read twice: before the handler runs, so that
 * strangers do not take the store's only writer, and in the transaction that
 * writes.  The first check is skipped for a recent sender.
 * An entry proves nothing: the transaction checks everything again.
 *
 * Safe from any thread.  Old acquaintances are forgotten as new ones come.
 */
#ifndef API_AUTH_CACHE_H
#define API_AUTH_CACHE_H

struct caller;

int auth_cache_has(const struct caller *, const char *room);
void auth_cache_note(const struct caller *, const char *room);

/* After a refusal: the next time is checked beforehand again. */
void auth_cache_forget(const struct caller *, const char *room);

#endif
