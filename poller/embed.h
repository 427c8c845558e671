/*
 * embed: the REST API and the page in the poller's own process.
 *
 * The only place where the poller knows of api/.
 */
#ifndef POLLER_EMBED_H
#define POLLER_EMBED_H

#include "poller/http.h"

/* Lends SETTINGS; files are served from the directory settings.www. */
struct embed *embed_open(struct store *, const struct settings *);
void embed_close(struct embed *);

/* Whether TARGET is the REST API's. */
int embed_owns(const char *target);

/* The longest body that the API takes, in bytes. */
size_t embed_body_max(void);

enum MHD_Result embed_answer(struct embed *, struct exchange *);

/* A file of the page, or 404. */
enum MHD_Result embed_file(struct embed *, struct exchange *);

#endif
