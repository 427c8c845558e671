#include "db/engine/sqlite/programs.h"

#include <fcntl.h>
#include <unistd.h>

#include "db/base/buf.h"

/* SQLite's lock bytes: pending, reserved, and those of readers. */
enum { LOCK_BYTES_AT = 0x40000000, LOCK_BYTES = 512 };

/* The name of the process, or nothing. */
static void
add_name(struct buf *b, pid_t pid)
{
	struct buf path = BUF_INIT;
	char line[32] = "";
	FILE *f;

	buf_addf(&path, "/proc/%ld/comm", (long)pid);
	f = fopen(buf_str(&path), "re");
	if (f != NULL && fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	if (f != NULL)
		(void)fclose(f);
	line[strcspn(line, "\n")] = '\0';
	buf_adds(b, line[0] != '\0' ? line : "a program");
	buf_done(&path);
}

int
programs_find(const char *path, struct findings *findings)
{
	struct flock lock = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = LOCK_BYTES_AT,
		.l_len = LOCK_BYTES };
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	int is_used =
	    fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	struct buf name = BUF_INIT;

	if (fd >= 0)
		(void)close(fd);
	if (!is_used)
		return 0;
	add_name(&name, lock.l_pid);
	findings_add(findings,
	    "%s (process %ld) has %s open; stop all programs first: systemctl"
	    " stop parlor-api parlor-poller",
	    buf_str(&name), (long)lock.l_pid, path);
	buf_done(&name);
	return 1;
}
