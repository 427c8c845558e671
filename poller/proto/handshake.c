#include "poller/proto/handshake.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { KEY_LEN = 24, KEY_BYTES_END = 22 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";
static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
static const char subprotocol[] = "parlor.v1";

/* Whether the comma-separated LIST has WORD; its case counts if EXACT. */
static int
has(const char *list, const char *word,
    int (*compare)(const char *, const char *, size_t))
{
	static const char ends[] = ", \t";
	size_t len = strlen(word), n;

	for (const char *p = list; p != NULL && *p != '\0'; p += n) {
		p += strspn(p, ends);
		n = strcspn(p, ends);
		if (n == len && compare(p, word, n) == 0)
			return 1;
	}
	return 0;
}

/* 16 bytes in base64: the last of 22 characters carries two bits. */
static int
is_key(const char *key)
{
	return key != NULL && strlen(key) == KEY_LEN &&
	    strspn(key, alphabet) == KEY_BYTES_END &&
	    strchr("AQgw", key[KEY_BYTES_END - 1]) != NULL &&
	    strcmp(key + KEY_BYTES_END, "==") == 0;
}

enum { SHA1_BYTES = 20, BLOCK = 64, ROUNDS = 80, LENGTH = 8 };

static uint32_t
rotate(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

/* The function and the constant of round T. */
static uint32_t
mix(int t, const uint32_t *h)
{
	uint32_t b = h[1], c = h[2], d = h[3];

	if (t < 20)
		return ((b & c) | (~b & d)) + 0x5a827999;
	if (t < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (t < 60)
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void
add_block(uint32_t *state, const unsigned char *p)
{
	uint32_t w[ROUNDS], h[5], next;

	for (int t = 0; t < 16; t++, p += 4)
		w[t] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		    (uint32_t)p[2] << 8 | p[3];
	for (int t = 16; t < ROUNDS; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	memcpy(h, state, sizeof(h));
	for (int t = 0; t < ROUNDS; t++) {
		next = rotate(h[0], 5) + mix(t, h) + h[4] + w[t];
		h[4] = h[3];
		h[3] = h[2];
		h[2] = rotate(h[1], 30);
		h[1] = h[0];
		h[0] = next;
	}
	for (int i = 0; i < 5; i++)
		state[i] += h[i];
}

/*
 * FIPS 180-4.  It proves nothing here; do not use it where security depends on
 * it.
 */
static void
sha1(const void *bytes, size_t len, unsigned char *out)
{
	uint32_t state[] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
		0xc3d2e1f0 };
	unsigned char last[2 * BLOCK] = { 0 };
	const unsigned char *p = bytes;
	size_t left = len, n;
	uint64_t bits = (uint64_t)len * 8;

	for (; left >= BLOCK; left -= BLOCK, p += BLOCK)
		add_block(state, p);
	if (left > 0)
		memcpy(last, p, left);
	last[left] = 0x80;
	n = left + 1 + LENGTH <= BLOCK ? BLOCK : 2 * BLOCK;
	for (size_t i = 0; i < LENGTH; i++)
		last[n - 1 - i] = (unsigned char)(bits >> (8 * i));
	for (size_t i = 0; i < n; i += BLOCK)
		add_block(state, last + i);
	for (int i = 0; i < SHA1_BYTES; i++)
		out[i] = (unsigned char)(state[i / 4] >> (24 - i % 4 * 8));
}

void
handshake_add_accept(struct buf *b, const char *key)
{
	/*
	 * Needs a further zero byte, so that the last group of three is
	 * complete.
	 */
	unsigned char digest[SHA1_BYTES + 1] = { 0 };
	struct buf both = BUF_INIT;

	buf_adds(&both, key);
	buf_adds(&both, magic);
	sha1(both.p, both.len, digest);
	buf_done(&both);
	for (int i = 0; i < SHA1_BYTES; i += 3) {
		unsigned bits = (unsigned)digest[i] << 16 |
		    (unsigned)digest[i + 1] << 8 | digest[i + 2];

		for (int j = 18; j >= 0; j -= 6)
			buf_addc(b, alphabet[bits >> j & 63]);
	}
	b->p[b->len - 1] = '=';
}

enum problem
handshake_answer(protocol_header_fn header, void *arg, struct buf *head)
{
	if (!has(header(arg, "Upgrade"), "websocket", strncasecmp) ||
	    !has(header(arg, "Connection"), "upgrade", strncasecmp) ||
	    !has(header(arg, "Sec-WebSocket-Version"), "13", strncmp))
		return PROBLEM_UPGRADE_REQUIRED;
	if (!is_key(header(arg, "Sec-WebSocket-Key")))
		return PROBLEM_MALFORMED_REQUEST;
	buf_adds(head,
	    "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\n"
	    "Connection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: ");
	handshake_add_accept(head, header(arg, "Sec-WebSocket-Key"));
	if (has(header(arg, "Sec-WebSocket-Protocol"), subprotocol, strncmp))
		buf_addf(head, "\r\nSec-WebSocket-Protocol: %s", subprotocol);
	buf_adds(head, "\r\n\r\n");
	return PROBLEM_NONE;
}
