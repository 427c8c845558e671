#include "db/text/reserved.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "db/base/must.h"
#include "db/text/unicode.h"

enum { WORDS_MAX = 64 };

static const char *list = "";

/* Keys of the names in LIST, made when they are first needed. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct lookalike *reserved;
static size_t n_reserved;

void
reserved_setup(const struct settings *s)
{
	list = s->reserved_names;
}

static void
add_reserved(const char *name, size_t len)
{
	struct lookalike keys = LOOKALIKE_INIT;
	struct buf copy = BUF_INIT;

	buf_add(&copy, name, len);
	lookalike_keys(buf_str(&copy), &keys);
	buf_done(&copy);
	if (keys.key[KEY_WRITTEN].len == 0) {
		lookalike_done(&keys);
		return;
	}
	reserved = must_realloc(reserved, (n_reserved + 1) * sizeof(*reserved));
	reserved[n_reserved++] = keys;
}

static void
make_keys(void)
{
	const char *p = list;

	while (*p != '\0') {
		size_t len = strcspn(p, ",");

		add_reserved(p, len);
		p += len;
		p += *p == ',';
	}
}

static int
is_key(const char *key, size_t len, const struct buf *of)
{
	return len > 0 && of->len == len && memcmp(of->p, key, len) == 0;
}

static int
is_reserved(const char *key, size_t len)
{
	for (size_t i = 0; i < n_reserved; i++)
		for (int j = 0; j < LOOKALIKE_KEYS; j++)
			if (is_key(key, len, &reserved[i].key[j]))
				return 1;
	return 0;
}

/* Whether any consecutive words of WORDS are a reserved name. */
static int
holds(const struct buf *words)
{
	struct buf key = BUF_INIT;
	size_t starts[WORDS_MAX + 1];
	int n = 0, found = 0;

	starts[n++] = 0;
	for (size_t i = 0; i < words->len; i++)
		if (words->p[i] != ' ')
			buf_addc(&key, words->p[i]);
		else if (n < WORDS_MAX)
			starts[n++] = key.len;
	starts[n] = key.len;
	for (int i = 0; !found && i < n; i++)
		for (int j = i + 1; !found && j <= n; j++)
			found = is_reserved(
			    key.p + starts[i], starts[j] - starts[i]);
	buf_done(&key);
	return found;
}

/* Adds WORDS without the marks that any script puts on its letters: accents. */
static void
add_without_accents(const struct buf *words, struct buf *to)
{
	int32_t i = 0, from, len = (int32_t)words->len;
	UErrorCode status = U_ZERO_ERROR;
	UChar32 c;

	while (i < len) {
		from = i;
		U8_NEXT((const uint8_t *)words->p, i, len, c);
		if (c < 0 || !unicode_is(c, U_GC_MN_MASK) ||
		    uscript_getScript(c, &status) != USCRIPT_INHERITED)
			buf_add(to, words->p + from, (size_t)(i - from));
	}
}

static int
holds_without_accents(const struct buf *words)
{
	struct buf bare = BUF_INIT;
	int found;

	add_without_accents(words, &bare);
	found = bare.len < words->len && holds(&bare);
	buf_done(&bare);
	return found;
}

static int
any_holds(const struct lookalike *words)
{
	for (int i = 0; i < LOOKALIKE_KEYS; i++)
		if (holds(&words->key[i]) ||
		    holds_without_accents(&words->key[i]))
			return 1;
	return 0;
}

/* The end of the characters from I on that are in MASK. */
static int32_t
span(const char *text, int32_t i, int32_t len, uint32_t mask)
{
	int32_t end = i;
	UChar32 c;

	while (i < len) {
		U8_NEXT((const uint8_t *)text, i, len, c);
		if (c < 0 || !unicode_is(c, mask))
			break;
		end = i;
	}
	return end;
}

/* Adds NICKNAME with a space for each number that is not inside a word. */
static void
add_without_numbers(const char *nickname, struct buf *to)
{
	int32_t i = 0, end, len = (int32_t)strlen(nickname);
	uint32_t letters = U_GC_L_MASK | U_GC_M_MASK;
	int in_word = 0;

	while (i < len) {
		end = span(nickname, i, len, U_GC_ND_MASK);
		if (end > i) {
			if (in_word && span(nickname, end, len, letters) > end)
				buf_add(to, nickname + i, (size_t)(end - i));
			else
				buf_addc(to, ' ');
			i = end;
			continue;
		}
		end = span(nickname, i, len, letters);
		in_word = end > i;
		if (!in_word)
			U8_FWD_1((const uint8_t *)nickname, end, len);
		buf_add(to, nickname + i, (size_t)(end - i));
		i = end;
	}
}

static int
holds_without_numbers(const char *nickname)
{
	struct lookalike words = LOOKALIKE_INIT;
	struct buf bare = BUF_INIT;
	int found;

	add_without_numbers(nickname, &bare);
	if (strcmp(buf_str(&bare), nickname) != 0)
		lookalike_words(buf_str(&bare), &words);
	found = any_holds(&words);
	lookalike_done(&words);
	buf_done(&bare);
	return found;
}

int
reserved_holds(const char *nickname, const struct lookalike *words)
{
	must(pthread_once(&once, make_keys) == 0);
	return n_reserved > 0 &&
	    (any_holds(words) || holds_without_numbers(nickname));
}
