/*
 * log: the log: one line on stderr for each thing that the operator should
 * know.
 *
 *	level=error msg="commit failed" path=/srv/parlor.db error="disk full"
 *
 * MSG is a constant in lower case; the rest is name=value pairs made by FMT.  A
 * token, a ticket and the text of a message are never logged.  A client's
 * mistake is answered, not logged.  Safe from any thread; a line is written by
 * one write(2).
 */
#ifndef DB_BASE_LOG_H
#define DB_BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines above LEVEL are dropped; LOG_INFO until this is called. */
void log_threshold(enum log_level);

void log_line(enum log_level, const char *msg, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(msg, ...) log_line(LOG_ERROR, msg, __VA_ARGS__)
#define log_warn(msg, ...)  log_line(LOG_WARN, msg, __VA_ARGS__)
#define log_info(msg, ...)  log_line(LOG_INFO, msg, __VA_ARGS__)

#endif
