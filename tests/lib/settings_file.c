#include "tests/lib/settings_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/tmpdir.h"

static char dir[TMPDIR_SIZE];
static char conf[96];

int
settings_file_setup(void **state)
{
	(void)state;
	tmpdir_make(dir);
	(void)snprintf(conf, sizeof(conf), "%s/parlor.conf", dir);
	(void)unsetenv("PARLOR_HB_MS");
	(void)unsetenv("PARLOR_DATA");
	(void)setenv("PARLOR_CONF", conf, 1);
	return 0;
}

int
settings_file_teardown(void **state)
{
	(void)state;
	tmpdir_remove(dir);
	return 0;
}

const char *
settings_file_dir(void)
{
	return dir;
}

void
settings_file_write(const char *text)
{
	FILE *file = fopen(conf, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

int
settings_file_load(
    struct settings *s, const char *a, const char *b, const char *c)
{
	const char *words[] = { "parlor", a, b, c, NULL };
	char *argv[5] = { NULL };
	int argc = 0;

	for (; words[argc] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	return settings_load(s, argc, argv);
}

/* Reads what was written to the memory file FD, and closes it. */
static void
take(int fd, struct buf *log)
{
	off_t len = lseek(fd, 0, SEEK_CUR);

	buf_clear(log);
	assert_int_equal(
	    pread(fd, buf_space(log, (size_t)len), (size_t)len, 0), len);
	log->len = (size_t)len;
	log->p[len] = '\0';
	(void)close(fd);
}

static int
load_logged(struct settings *s, const char *argument, void (*then)(void),
    struct buf *log)
{
	int saved = dup(STDERR_FILENO), fd = memfd_create("log", MFD_CLOEXEC);
	int rc;

	assert_true(saved >= 0 && fd >= 0);
	(void)dup2(fd, STDERR_FILENO);
	rc = settings_file_load(s, argument, NULL, NULL);
	if (then != NULL)
		then();
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	take(fd, log);
	return rc;
}

int
settings_file_load_logged(
    struct settings *s, const char *argument, struct buf *log)
{
	return load_logged(s, argument, NULL, log);
}

int
settings_file_load_overruled(
    struct settings *s, const char *argument, struct buf *log)
{
	return load_logged(s, argument, settings_log_overruled, log);
}

void
settings_file_assert_logged(const struct buf *log, const char *text)
{
	if (strstr(buf_str(log), text) == NULL)
		fail_msg("not \"%s\": %s", text, buf_str(log));
}
