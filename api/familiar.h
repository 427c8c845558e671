/*
 * familiar: who has just been let through to a room.
 *
 * What lets a sender through is read twice: before the handler runs, so that
 * strangers do not take the store's only writer, and in the transaction that
 * writes.  For whoever wrote there a moment ago the first time is left out.
 * That they are familiar proves nothing: the transaction has the last word.
 *
 * Safe from any thread.  Old acquaintances are forgotten as new ones come.
 */
#ifndef API_FAMILIAR_H
#define API_FAMILIAR_H

struct caller;

int familiar(const struct caller *, const char *room);
void familiar_note(const struct caller *, const char *room);

/* After a refusal: the next time is checked beforehand again. */
void familiar_forget(const struct caller *, const char *room);

#endif
