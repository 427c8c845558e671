#include "poller/rest_bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "api/http/uri.h"
#include "poller/client_addr.h"

struct rest_bridge {
	struct api api;
};

static const struct {
	const char *ending, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".ico", "image/x-icon" },
	{ ".json", "application/json" },
	{ ".webmanifest", "application/manifest+json" },
};

enum { N_TYPES = sizeof(types) / sizeof(types[0]) };

static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'";

struct rest_bridge *
rest_bridge_open(struct store *store, const struct settings *settings)
{
	struct rest_bridge *b = must_alloc(sizeof(*b));
	struct buf page = BUF_INIT;

	buf_addf(&page, "%s/index.html", settings->www);
	if (access(buf_str(&page), R_OK) != 0)
		log_warn("page not found; set www to its directory",
		    "path=\"%s\" error=\"%s\"", buf_str(&page),
		    strerror(errno));
	buf_done(&page);
	b->api = (struct api){ store, settings, .reaped = 1 };
	return b;
}

void
rest_bridge_close(struct rest_bridge *b)
{
	free(b);
}

enum MHD_Result
rest_bridge_answer(struct exchange *x)
{
	struct buf address = BUF_INIT;
	struct request request;
	struct reply reply;

	client_addr_add(x, &address);
	request = exchange_request(x, buf_str(&address));
	reply = api_handle_normal(&x->service->rest->api, &request);
	buf_done(&address);
	return exchange_reply(x, &reply);
}

static const char *
type_of(const char *path, size_t len)
{
	for (int i = 0; i < N_TYPES; i++) {
		size_t n = strlen(types[i].ending);

		if (len > n && memcmp(path + len - n, types[i].ending, n) == 0)
			return types[i].type;
	}
	return NULL;
}

/*
 * Only the last segment names the file, so that the page works in any folder
 * and no path leads out of the directory.
 */
static int
open_file(const struct rest_bridge *b, const char *target, const char **type)
{
	size_t len = uri_path_len(target);
	const char *name = memrchr(target, '/', len) + 1;
	struct buf path = BUF_INIT;
	int fd = -1;

	len -= (size_t)(name - target);
	buf_addf(&path, "%s/", b->api.settings->www);
	if (len == 0)
		buf_adds(&path, "index.html");
	else
		buf_add(&path, name, len);
	*type = type_of(path.p, path.len);
	if (*type != NULL && (len == 0 || name[0] != '.') &&
	    memchr(name, '%', len) == NULL)
		fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	buf_done(&path);
	return fd;
}

enum MHD_Result
rest_bridge_file(struct exchange *x)
{
	struct MHD_Response *r;
	const char *type;
	struct stat st;
	int fd;

	fd = open_file(x->service->rest, x->target, &type);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			(void)close(fd);
		return exchange_problem(x, PROBLEM_NOT_FOUND);
	}
	if (!exchange_is_get(x)) {
		(void)close(fd);
		return exchange_problem(x, PROBLEM_METHOD_NOT_ALLOWED);
	}
	/* The response closes FD. */
	x->length = (uint64_t)st.st_size;
	r = MHD_create_response_from_fd64(x->length, fd);
	must(r != NULL);
	exchange_add_header(r, "Content-Type", type);
	exchange_add_header(r, "Content-Security-Policy", page_policy);
	exchange_add_header(r, "Cache-Control", "no-cache");
	reply_secure_headers(exchange_add_header, r);
	cors_headers(&x->cors, exchange_add_header, r);
	return exchange_queue(x, MHD_HTTP_OK, r);
}
