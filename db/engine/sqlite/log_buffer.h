/*
 * log_buffer: writes a commit to the write-ahead log in one call.
 *
 * SQLite writes each frame of the log in two calls, one behind the other.  This
 * VFS collects writes that follow each other and passes them on together when
 * SQLite syncs the log, reads it or does anything else with it.  Nobody else
 * reads frames before the sync: SQLite publishes them, in the log's index,
 * after that.  Thus the content of the file and the order of its syncs are as
 * SQLite made them.  This needs synchronous = FULL, with which every commit
 * syncs the log.
 *
 * A write that fails is reported by the call that passes it on, which fails the
 * commit all the same.
 */
#ifndef DB_ENGINE_SQLITE_LOG_BUFFER_H
#define DB_ENGINE_SQLITE_LOG_BUFFER_H

/* The VFS's name, for sqlite3_open_v2; NULL: it could not be registered. */
const char *log_buffer_vfs(void);

#endif
