#include "api/doors/first_run.h"

#include <stdlib.h>
#include <string.h>

#include "db/base/buf.h"
#include "db/base/gateway.h"
#include "db/base/log.h"
#include "db/chat/schema.h"
#include "db/engine/manage.h"

/* Adds the real path of DIR, which may be missing in a directory that is not. */
static void
add_real(struct buf *b, const char *dir)
{
	char *real = realpath(dir, NULL);
	struct buf parent = BUF_INIT;
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	while (len > 0 && dir[len - 1] != '/')
		len--;
	if (real == NULL) {
		buf_add(&parent, dir, len);
		buf_adds(&parent, ".");
		real = realpath(buf_str(&parent), NULL);
	}
	buf_adds(b, real != NULL ? real : "");
	free(real);
	buf_done(&parent);
}

static int
is_below(const char *path, const char *root)
{
	size_t len = strlen(root);

	return len > 1 && strncmp(path, root, len) == 0 &&
	    (path[len] == '/' || path[len] == '\0');
}

int
first_run_is_public(const struct settings *s, const char *document_root)
{
	struct buf data = BUF_INIT, root = BUF_INIT;
	int is_public;

	if (!s->auto_migrate || document_root == NULL)
		return 0;
	add_real(&data, s->data);
	add_real(&root, document_root);
	is_public = is_below(buf_str(&data), buf_str(&root));
	if (is_public)
		log_error("the data would lie below the document root, where"
			  " anybody could fetch it; set data in parlor.conf to"
			  " a directory outside",
		    "data=\"%s\" document_root=\"%s\"", s->data, document_root);
	buf_done(&data);
	buf_done(&root);
	return is_public;
}

int
first_run_migrate(const struct settings *s, const char *document_root)
{
	struct store_options options = schema_options(s, STORE_DIRECT);
	int before;

	if (!s->auto_migrate)
		return 0;
	if (first_run_is_public(s, document_root))
		return -1;
	/* A CGI program starts for each request. */
	if (gateway_is_cgi() && manage_is_current(&options))
		return 0;
	return manage_migrate(&options, &before) == DB_OK ? 0 : -1;
}
