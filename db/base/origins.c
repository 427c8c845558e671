#include "db/base/origins.h"

#include <string.h>

#include "db/base/buf.h"
#include "db/base/endpoint.h"
#include "db/base/log.h"

static const char any[] = "*";
static const char spaces[] = " \t";

size_t
origins_scheme(const char *origin, const char **port)
{
	static const char *const schemes[] = { "https://", "http://" };
	static const char *const ports[] = { ":443", ":80" };

	for (int i = 0; i < 2; i++)
		if (strncmp(origin, schemes[i], strlen(schemes[i])) == 0) {
			*port = ports[i];
			return strlen(schemes[i]);
		}
	return 0;
}

/* The LEN bytes at TEXT are an origin as browsers write it (RFC 6454). */
static int
is_origin(const char *text, size_t len)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyz0123456789_.-:[]";
	struct buf at = BUF_INIT;
	struct endpoint e;
	const char *port, *last;
	size_t n = origins_scheme(text, &port);
	int fine = 0;

	if (n == 0 || len <= n || strspn(text + n, allowed) < len - n)
		return 0;
	buf_add(&at, text + n, len - n);
	last = strrchr(buf_str(&at), ':');
	if (last == NULL || strchr(last, ']') != NULL) {
		buf_adds(&at, port);
		fine = endpoint_read(buf_str(&at), &e) == NULL;
	} else if (endpoint_read(buf_str(&at), &e) == NULL)
		fine = strcmp(last + 1, e.port) == 0 &&
		    strcmp(last, port) != 0 && strcmp(e.port, "0") != 0;
	buf_done(&at);
	return fine;
}

int
origins_check(const char *list)
{
	for (const char *p = list + strspn(list, spaces); *p != '\0';) {
		size_t len = strcspn(p, spaces);

		if (!is_origin(p, len) && !(len == 1 && *p == any[0])) {
			log_error(
			    "cors_origins contains a word that is not an"
			    " origin; write https://www.example.com, in lower"
			    " case, without a path or a default port, and put"
			    " spaces between origins",
			    "word=\"%.*s\"", (int)len, p);
			return -1;
		}
		p += len + strspn(p + len, spaces);
	}
	return 0;
}

const char *
origins_find(const char *list, const char *text)
{
	size_t want = strlen(text), len;

	for (const char *p = list + strspn(list, spaces); *p != '\0';
	     p += len + strspn(p + len, spaces)) {
		len = strcspn(p, spaces);
		if (len == want && memcmp(p, text, len) == 0)
			return p;
	}
	return NULL;
}
