#include "poller/page_files.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/http/accept.h"
#include "api/http/uri.h"
#include "db/base/must.h"
#include "db/base/settings.h"

/* What is sent: the file itself, or a variant of it. */
struct page_file {
	int fd;
	struct stat st;
	const char *type;
	const char *coding; /* NULL: the file itself */
	int varies, immutable;
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

/* The smaller first. */
static const struct {
	const char *coding, *ending;
} variants[] = {
	{ "br", ".br" },
	{ "gzip", ".gz" },
};

enum {
	N_VARIANTS = sizeof(variants) / sizeof(variants[0]),
	COPIED_WITHIN_S = 10 /* a file and its variants */
};

static const char version_prefix[] = "/v-";
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'";

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

/* The length of "/v-HASH/" that ends where NAME begins in TARGET, or 0. */
static size_t
version_len(const char *target, const char *name)
{
	size_t prefix = sizeof(version_prefix) - 1, digits;
	const char *slash;

	if (name - 1 == target)
		return 0;
	slash = memrchr(target, '/', (size_t)(name - 1 - target));
	if (slash == NULL || strncmp(slash, version_prefix, prefix) != 0)
		return 0;
	digits = strspn(slash + prefix, "0123456789abcdef");
	return digits > 0 && slash + prefix + digits == name - 1 ?
	    (size_t)(name - slash) :
	    0;
}

/*
 * Adds the path of the file that TARGET names; returns its type, or NULL.  Only
 * the last segment names the file, so that the page works in any folder and no
 * path leads out of the directory.  The folder of a version is the exception.
 */
static const char *
add_path(const char *www, const char *target, int *immutable, struct buf *path)
{
	size_t len = uri_path_len(target), version;
	const char *name = memrchr(target, '/', len) + 1;

	len -= (size_t)(name - target);
	if (len == 0) {
		buf_addf(path, "%s/index.html", www);
		return type_of(path->p, path->len);
	}
	if (name[0] == '.' || memchr(name, '%', len) != NULL)
		return NULL;
	version = version_len(target, name);
	*immutable = version > 0;
	buf_adds(path, www);
	buf_add(path, name - (version > 0 ? version : 1),
	    len + (version > 0 ? version : 1));
	return type_of(path->p, path->len);
}

/* Opens a regular file; returns its descriptor, or -1. */
static int
open_regular(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* Takes the best variant instead of FILE, unless FILE was edited after it was made. */
static void
choose_variant(struct page_file *file, const char *accept, struct buf *path)
{
	time_t plain = file->st.st_mtim.tv_sec;
	size_t len = path->len;
	struct stat st;
	int fd;

	for (int i = 0; i < N_VARIANTS; i++) {
		path->len = len;
		buf_adds(path, variants[i].ending);
		fd = open_regular(buf_str(path), &st);
		if (fd < 0)
			continue;
		file->varies = 1;
		if (file->coding != NULL ||
		    !accept_has_coding(accept, variants[i].coding) ||
		    st.st_mtim.tv_sec + COPIED_WITHIN_S < plain) {
			(void)close(fd);
			continue;
		}
		(void)close(file->fd);
		file->fd = fd;
		file->st = st;
		file->coding = variants[i].coding;
	}
}

/* Finds the file for X; returns -1 when there is none. */
static int
find(const struct exchange *x, struct page_file *file)
{
	struct buf path = BUF_INIT;

	*file = (struct page_file){ .fd = -1 };
	file->type = add_path(
	    x->service->settings->www, x->target, &file->immutable, &path);
	if (file->type != NULL)
		file->fd = open_regular(buf_str(&path), &file->st);
	if (file->fd >= 0)
		choose_variant(file, x->headers.accept_encoding, &path);
	buf_done(&path);
	return file->fd >= 0 ? 0 : -1;
}

static void
add_tag(const struct page_file *file, struct buf *tag)
{
	const struct timespec *written = &file->st.st_mtim;

	buf_addf(tag, "\"%llx-%llx%08lx%s\"",
	    (unsigned long long)file->st.st_size,
	    (unsigned long long)written->tv_sec,
	    (unsigned long)written->tv_nsec,
	    file->coding != NULL ? file->coding : "");
}

/* A tag within quotes is never a part of another. */
static int
has_it(const struct exchange *x, const char *tag)
{
	const char *known = x->headers.if_none_match;

	return known != NULL &&
	    (strcmp(known, "*") == 0 || strstr(known, tag) != NULL);
}

static void
add_headers(
    struct exchange *x, const struct page_file *file, struct MHD_Response *r)
{
	exchange_add_header(r, "Cache-Control",
	    file->immutable ? "max-age=31536000, immutable" : "no-cache");
	exchange_add_header(r, "Content-Security-Policy", page_policy);
	if (file->varies)
		exchange_add_header(r, "Vary", "Accept-Encoding");
	reply_secure_headers(exchange_add_header, r);
	cors_headers(&x->cors, exchange_add_header, r);
}

/* The response closes the file. */
static struct MHD_Response *
content(struct exchange *x, const struct page_file *file)
{
	struct MHD_Response *r;

	x->length = (uint64_t)file->st.st_size;
	r = MHD_create_response_from_fd64(x->length, file->fd);
	must(r != NULL);
	exchange_add_header(r, "Content-Type", file->type);
	if (file->coding != NULL)
		exchange_add_header(r, "Content-Encoding", file->coding);
	return r;
}

static struct MHD_Response *
nothing(struct exchange *x, const struct page_file *file)
{
	struct MHD_Response *r;

	(void)close(file->fd);
	x->length = 0;
	r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	must(r != NULL);
	return r;
}

enum MHD_Result
page_files_answer(struct exchange *x)
{
	struct buf tag = BUF_INIT;
	struct MHD_Response *r;
	struct page_file file;
	int status = MHD_HTTP_OK;

	if (find(x, &file) != 0)
		return exchange_problem(x, PROBLEM_NOT_FOUND);
	if (!exchange_is_get(x)) {
		(void)close(file.fd);
		return exchange_problem(x, PROBLEM_METHOD_NOT_ALLOWED);
	}
	add_tag(&file, &tag);
	if (has_it(x, buf_str(&tag)))
		status = MHD_HTTP_NOT_MODIFIED;
	r = status == MHD_HTTP_OK ? content(x, &file) : nothing(x, &file);
	exchange_add_header(r, "ETag", buf_str(&tag));
	buf_done(&tag);
	add_headers(x, &file, r);
	return exchange_queue(x, status, r);
}
