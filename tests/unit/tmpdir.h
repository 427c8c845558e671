/*
 * tmpdir: a directory of a test's own, gone with all it holds afterwards.
 */
#ifndef TESTS_UNIT_TMPDIR_H
#define TESTS_UNIT_TMPDIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static inline int
tmpdir_unlink(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
tmpdir_remove(const char *dir)
{
	(void)nftw(dir, tmpdir_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
