#include "api/feed/cursor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
cursor_add(struct buf *b, const char *epoch, int64_t seq)
{
	buf_add(b, epoch, EPOCH_LEN);
	buf_addc(b, '-');
	buf_addi(b, seq);
}

int
cursor_read(
    const char *text, const struct log_state *log, int64_t *seq, int *known)
{
	const char *digits = text + EPOCH_LEN + 1;
	size_t len;

	if (strspn(text, "0123456789abcdef") != EPOCH_LEN ||
	    text[EPOCH_LEN] != '-')
		return -1;
	len = strspn(digits, "0123456789");
	/*
	 * Accept only our own spelling: a cursor must come back as it was
	 * written.
	 */
	if (len == 0 || digits[len] != '\0' || (digits[0] == '0' && len > 1))
		return -1;
	errno = 0;
	*seq = strtoll(digits, NULL, 10);
	if (errno != 0)
		return -1;
	*known = memcmp(text, log->epoch, EPOCH_LEN) == 0;
	return 0;
}
