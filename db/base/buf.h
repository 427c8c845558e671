/*
 * buf: bytes that grow; the only string type for text from outside.
 *
 * BUF_INIT or all zero is an empty buffer that owns nothing.  After any
 * buf_add* the bytes are followed by a NUL that LEN does not count, so that P
 * can be passed as a C string.  One thread at a time.
 */
#ifndef DB_BASE_BUF_H
#define DB_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	char *p; /* NULL when nothing was ever added */
	size_t len;
	size_t room; /* bytes allocated */
};

#define BUF_INIT           \
	{                  \
		NULL, 0, 0 \
	}

/* Gives the memory back and makes the buffer empty and usable again. */
void buf_done(struct buf *);

/* Forgets the bytes, keeps the memory. */
void buf_clear(struct buf *);

/* Forgets all but the first LEN bytes. */
void buf_cut(struct buf *, size_t len);

void buf_add(struct buf *, const void *bytes, size_t len);
void buf_adds(struct buf *, const char *text);
void buf_addc(struct buf *, char);
void buf_addi(struct buf *, int64_t);
void buf_addf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Gives back memory that no byte needs. */
void buf_fit(struct buf *);

/* Makes room for LEN more bytes; the caller writes there and adds to LEN. */
char *buf_space(struct buf *, size_t len);

/* The bytes as a C string, "" when empty. */
const char *buf_str(const struct buf *);

#endif
