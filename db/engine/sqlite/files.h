/*
 * files: copies and moves whole files so that they survive a power cut.
 *
 * Each call logs its failure with the path.
 */
#ifndef DB_ENGINE_SQLITE_FILES_H
#define DB_ENGINE_SQLITE_FILES_H

#include <stdint.h>
#include <sys/types.h>

#define FILES_CHECK __attribute__((warn_unused_result))

/* Opens a new file, replacing one of that name.  The descriptor, or -1. */
int files_create(const char *path, mode_t) FILES_CHECK;

/*
 * Copies what FROM holds now to TO, a file or a pipe, and gives the number of
 * *BYTES.  What is written to a file goes to the disk bit by bit, so that other
 * programs do not wait long for the disk.  0, or -1.
 */
int files_copy(int from, int to, int64_t *bytes) FILES_CHECK;

/* Closes a file that was written; 0: all of it is on the disk. */
int files_close(int fd, const char *path) FILES_CHECK;

/* Renames a file in its directory; 0: the disk has it under its new name. */
int files_rename(const char *from, const char *to) FILES_CHECK;

#endif
