#include "db/base/account.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

/* Adds to B what ADD takes from the entry of user ID; -1: there is none. */
static int
add_of(
    struct buf *b, uid_t id, void (*add)(struct buf *, const struct passwd *))
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd entry, *found = NULL;
	char line[4096];
	int rc = -1;

	if (f == NULL)
		return -1;
	while (
	    rc != 0 && fgetpwent_r(f, &entry, line, sizeof(line), &found) == 0)
		if (entry.pw_uid == id) {
			add(b, &entry);
			rc = 0;
		}
	(void)fclose(f);
	return rc;
}

static void
add_name(struct buf *b, const struct passwd *p)
{
	buf_adds(b, p->pw_name);
}

static void
add_home(struct buf *b, const struct passwd *p)
{
	buf_adds(b, p->pw_dir);
}

void
account_add_name(struct buf *b, uid_t id)
{
	if (add_of(b, id, add_name) != 0)
		buf_addf(b, "%u", (unsigned)id);
}

int
account_add_home_path(struct buf *b, const char *path)
{
	if (add_of(b, geteuid(), add_home) != 0)
		return -1;
	buf_adds(b, path + 1);
	return 0;
}
