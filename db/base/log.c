#include "db/base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

static const char *const names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARN] = "warn",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

static _Atomic enum log_level threshold = LOG_INFO;

void
log_threshold(enum log_level level)
{
	atomic_store(&threshold, level);
}

/* The length after N more bytes were needed: a long line is cut. */
static size_t
grown(size_t len, int n)
{
	if (n < 0)
		return len;
	len += (size_t)n;
	return len < LINE_MAX_BYTES - 1 ? len : LINE_MAX_BYTES - 2;
}

void
log_line(enum log_level level, const char *msg, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	size_t len;
	va_list ap;

	if (level > atomic_load(&threshold))
		return;
	len = grown(0,
	    snprintf(
		line, sizeof(line), "level=%s msg=\"%s\" ", names[level], msg));
	va_start(ap, fmt);
	len = grown(len, vsnprintf(line + len, sizeof(line) - len, fmt, ap));
	va_end(ap);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	while (len > 0 && line[len - 1] == ' ')
		len--;
	line[len++] = '\n';
	/* There is nowhere to report that the log cannot be written. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}
