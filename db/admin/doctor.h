/*
 * doctor: the probes of `parlor doctor`, and what they learn of a site.
 *
 * A probe asks the site, says what is wrong to the diagnosis, and keeps in
 * struct doctor what later probes need.  It is not called before what it needs
 * is known (probes.def).  Nothing that it finds is an error of the program.
 */
#ifndef DB_ADMIN_DOCTOR_H
#define DB_ADMIN_DOCTOR_H

#include "db/admin/curl.h"
#include "db/admin/diagnosis.h"

/* What is known; each needs those before it. */
enum known { KNOWN_NOTHING, KNOWN_SITE, KNOWN_API, KNOWN_ROOM };

struct doctor {
	const char *origin; /* whose pages shall be able to call; NULL: none */
	int64_t streams; /* how many to open at once; 0: none */

	struct buf url; /* of the page, without its last slash */
	enum known known;
	struct diagnosis said;
	struct buf server; /* the header Server of the API's answers */
	struct buf asset; /* a file that the page names, relative to it */
	int scripted; /* the web server starts the API, so it may have no poller */
	int streaming; /* a stream came from a poller */
	struct buf room; /* the doctor's own, "" after it was removed */
	struct buf token; /* of its owner, as the line X-Parlor-Token */
};

/* Makes TO the address PATH below the page; its text. */
const char *doctor_url(const struct doctor *, struct buf *to, const char *path);

/* The same in the API, with the doctor's room in place of a %s in PATH. */
const char *doctor_room_url(
    const struct doctor *, struct buf *to, const char *path);

/* GET of PATH, with one HEADER more (NULL: none): the status. */
int doctor_get(
    const struct doctor *, struct curl *, const char *path, const char *header);

/* The text of NAME in the JSON body of an answer; "": there is none. */
void doctor_field(const struct curl *, const char *name, struct buf *to);

/* The name of the web server, for a sentence. */
const char *doctor_front(const struct doctor *);

/* 1 if the site is on this machine. */
int doctor_is_local(const struct doctor *);

/* Joins the doctor's room by the line TOKEN; NULL: as a new person; status. */
int doctor_join(const struct doctor *, struct curl *, const char *nickname,
    const char *token);

/* Sends DELETE to an address by the line TOKEN: the status. */
int doctor_delete(struct curl *, const char *url, const char *token);

#define PROBE(function, needs, what) void function(struct doctor *);
#include "db/admin/probes.def"
#undef PROBE

#endif
