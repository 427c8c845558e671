#include "db/text.h"

#include <pthread.h>
#include <sodium.h>
#include <strings.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "db/base/must.h"
#include "db/chatters.h"
#include "db/messages.h"
#include "db/notifications.h"
#include "db/rooms.h"

enum {
	UTF8_PER_CHARACTER = 4,
	UTF8_PER_UTF16 = 3,
	BRAILLE_BLANK = 0x2800, /* a symbol that nobody sees */
	VARIATION_FIRST = 0xfe0e, /* a symbol as text */
	VARIATION_LAST = 0xfe0f /* a symbol as emoji */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const UNormalizer2 *nfc, *casefold;
static USpoofChecker *spoof;

/* ICU's own are for the life of the process; so is the checker. */
static void
setup(void)
{
	UErrorCode status = U_ZERO_ERROR;

	nfc = unorm2_getNFCInstance(&status);
	casefold = unorm2_getNFKCCasefoldInstance(&status);
	spoof = uspoof_open(&status);
	must(U_SUCCESS(status));
}

/* Text as ICU has it. */
struct wide {
	UChar *p;
	int32_t len;
};

/* -1: TEXT is no UTF-8; nothing is to be freed then. */
static int
widen(const char *text, size_t len, struct wide *w)
{
	UErrorCode status = U_ZERO_ERROR;

	must(len < INT32_MAX);
	w->p = must_alloc((len + 1) * sizeof(*w->p));
	(void)u_strFromUTF8(
	    w->p, (int32_t)len + 1, &w->len, text, (int32_t)len, &status);
	if (U_SUCCESS(status))
		return 0;
	free(w->p);
	return -1;
}

static void
narrow(const struct wide *w, struct buf *b)
{
	int32_t room = w->len * UTF8_PER_UTF16 + 1, len;
	UErrorCode status = U_ZERO_ERROR;

	(void)u_strToUTF8(
	    buf_space(b, (size_t)room), room, &len, w->p, w->len, &status);
	must(U_SUCCESS(status));
	b->len += (size_t)len;
}

typedef int32_t (*step)(
    const UChar *, int32_t len, UChar *to, int32_t room, UErrorCode *);

static int32_t
to_nfc(const UChar *p, int32_t len, UChar *to, int32_t room, UErrorCode *status)
{
	return unorm2_normalize(nfc, p, len, to, room, status);
}

static int32_t
to_folded(
    const UChar *p, int32_t len, UChar *to, int32_t room, UErrorCode *status)
{
	return unorm2_normalize(casefold, p, len, to, room, status);
}

static int32_t
to_skeleton(
    const UChar *p, int32_t len, UChar *to, int32_t room, UErrorCode *status)
{
	return uspoof_getSkeleton(spoof, 0, p, len, to, room, status);
}

/* Puts what MAKE makes of W in its place. */
static void
transform(struct wide *w, step make)
{
	int32_t room = w->len + 1, len;
	UErrorCode status;
	UChar *to = NULL;

	do {
		to = must_realloc(to, (size_t)room * sizeof(*to));
		status = U_ZERO_ERROR;
		len = make(w->p, w->len, to, room, &status);
		room = len + 1;
	} while (status == U_BUFFER_OVERFLOW_ERROR);
	must(U_SUCCESS(status));
	free(w->p);
	w->p = to;
	w->len = len;
}

/* Adds what STEPS make of TEXT; what is no UTF-8 is added as it is. */
static void
add_transformed(const char *text, const step *steps, size_t n, struct buf *b)
{
	size_t len = strlen(text);
	struct wide w;

	must(pthread_once(&once, setup) == 0);
	if (widen(text, len, &w) != 0) {
		buf_add(b, text, len);
		return;
	}
	for (size_t i = 0; i < n; i++)
		transform(&w, steps[i]);
	narrow(&w, b);
	free(w.p);
}

void
text_add_nfc(const char *text, struct buf *b)
{
	static const step steps[] = { to_nfc };

	add_transformed(text, steps, 1, b);
}

void
text_add_key(const char *nickname, struct buf *b)
{
	static const step steps[] = { to_folded, to_skeleton, to_folded };
	size_t from = b->len;

	add_transformed(nickname, steps, sizeof(steps) / sizeof(steps[0]), b);
	for (size_t i = from; i < b->len; i++)
		if (b->p[i] == 'i')
			b->p[i] = 'l';
}

/* Seen by nobody, or seen somewhere else than where it stands. */
static int
hidden(UChar32 c)
{
	if (c == BRAILLE_BLANK)
		return 1;
	if (c >= VARIATION_FIRST && c <= VARIATION_LAST)
		return 0;
	if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		return 1;
	return (U_GET_GC_MASK(c) &
		   (U_GC_C_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK)) != 0;
}

/* Why a name may not have C after BEFORE (a space at the beginning). */
static const char *
name_refuses(UChar32 c, UChar32 before)
{
	if (c < 0)
		return "must be UTF-8";
	if (hidden(c))
		return "must not hold invisible or control characters";
	if (u_isUWhiteSpace(c) && (c != ' ' || before == ' '))
		return "may hold spaces only singly and between words";
	if (before == ' ' && (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0)
		return "must not have a combining mark without a letter";
	return NULL;
}

/* Walks a name in form C; *COUNT is its characters. */
static const char *
check_characters(const struct buf *name, int *count)
{
	const uint8_t *s = (const uint8_t *)buf_str(name);
	int32_t i = 0, len = (int32_t)name->len;
	UChar32 c, before = ' ';
	const char *why;

	for (*count = 0; i < len; ++*count) {
		U8_NEXT(s, i, len, c);
		why = name_refuses(c, before);
		if (why != NULL)
			return why;
		before = c;
	}
	if (len > 0 && before == ' ')
		return "may hold spaces only singly and between words";
	return NULL;
}

struct limits {
	int characters;
	size_t bytes;
	const char *why;
};

static const char *
check_name(const char *text, const struct limits *limits)
{
	struct buf name = BUF_INIT;
	const char *why;
	int count;

	/* Form C never has less than a third of the bytes. */
	if (strlen(text) > limits->bytes * UTF8_PER_UTF16)
		return limits->why;
	text_add_nfc(text, &name);
	why = check_characters(&name, &count);
	if (why == NULL &&
	    (count < 1 || count > limits->characters ||
		name.len > limits->bytes))
		why = limits->why;
	buf_done(&name);
	return why;
}

const char *
text_check_nickname(const char *text)
{
	static const struct limits limits = { NICKNAME_MAX, NICKNAME_BYTES_MAX,
		"must be 1 to 32 characters" };

	return check_name(text, &limits);
}

const char *
text_check_title(const char *text)
{
	static const struct limits limits = { ROOM_TITLE_MAX,
		(size_t)ROOM_TITLE_MAX * UTF8_PER_CHARACTER,
		"must be 1 to 100 characters" };

	return check_name(text, &limits);
}

/* What is said at length; SPACES are the control characters it may hold. */
static const char *
check_prose(const char *text, const struct limits *limits, const char *spaces)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t bytes = strlen(text);
	int32_t i = 0, len, count;
	UChar32 c;

	if (bytes < 1 || bytes > limits->bytes)
		return limits->why;
	len = (int32_t)bytes;
	for (count = 0; i < len; count++) {
		U8_NEXT(s, i, len, c);
		if (c < 0)
			return "must be UTF-8";
		if (u_charType(c) == U_CONTROL_CHAR &&
		    (c > INT8_MAX || strchr(spaces, c) == NULL))
			return *spaces != '\0' ?
			    "must not hold control characters "
			    "but for tab and line feed" :
			    "must not hold control characters";
	}
	return count <= limits->characters ? NULL : limits->why;
}

const char *
text_check_content(const char *text)
{
	static const struct limits limits = { CONTENT_MAX,
		(size_t)CONTENT_MAX * UTF8_PER_CHARACTER,
		"must be 1 to 4000 characters" };

	return check_prose(text, &limits, "\t\n");
}

const char *
text_check_notification(const char *text)
{
	static const struct limits limits = { NOTIFICATION_TEXT_MAX,
		(size_t)NOTIFICATION_TEXT_MAX * UTF8_PER_CHARACTER,
		"must be 1 to 500 characters" };

	return check_prose(text, &limits, "\t\n");
}

const char *
text_check_reference(const char *text)
{
	static const struct limits limits = { REFERENCE_MAX,
		(size_t)REFERENCE_MAX * UTF8_PER_CHARACTER,
		"must be 1 to 255 characters" };

	return check_prose(text, &limits, "");
}

static const char *const adjectives_en[] = { "Amber", "Brave", "Bright", "Calm",
	"Cheerful", "Clever", "Cosy", "Curious", "Dapper", "Eager", "Gentle",
	"Golden", "Happy", "Honest", "Jolly", "Kind", "Lively", "Lucky",
	"Merry", "Mild", "Nimble", "Patient", "Polite", "Proud", "Quick",
	"Quiet", "Silver", "Sunny", "Swift", "Tidy", "Warm", "Witty" };
static const char *const animals_en[] = { "Badger", "Beaver", "Bison", "Crane",
	"Deer", "Dolphin", "Falcon", "Finch", "Fox", "Gecko", "Hare",
	"Hedgehog", "Heron", "Koala", "Lark", "Lynx", "Magpie", "Marten",
	"Moose", "Otter", "Owl", "Panda", "Penguin", "Puffin", "Rabbit",
	"Robin", "Seal", "Sparrow", "Squirrel", "Swan", "Tiger", "Wombat" };
static const char *const adjectives_ko[] = { "조용한", "행복한", "용감한",
	"친절한", "상냥한", "명랑한", "씩씩한", "느긋한", "부지런한", "다정한",
	"반짝이는", "따뜻한", "포근한", "정직한", "재빠른", "슬기로운",
	"당당한", "신나는", "귀여운", "온화한", "성실한", "유쾌한", "차분한",
	"푸른" };
static const char *const animals_ko[] = { "수달", "고양이", "다람쥐", "여우",
	"토끼", "판다", "펭귄", "부엉이", "사슴", "돌고래", "고래", "두루미",
	"참새", "까치", "호랑이", "곰", "너구리", "강아지", "기린", "코알라",
	"햄스터", "거북이", "제비", "오리" };

struct words {
	const char *const *list;
	uint32_t n;
};
#define WORDS(list)                                    \
	{                                              \
		list, sizeof(list) / sizeof((list)[0]) \
	}

static void
add_word(const struct words *words, struct buf *b)
{
	buf_adds(b, words->list[randombytes_uniform(words->n)]);
	buf_addc(b, ' ');
}

enum { WEIGHT_MAX = 1000, DECIMAL = 10 };

/* The weight that the parameters of a language range give it, in thousandths. */
static int
weight(const char *p, const char *end)
{
	int thousandths = 0, unit = WEIGHT_MAX / DECIMAL;
	const char *q = memchr(p, '=', (size_t)(end - p));

	if (q == NULL)
		return WEIGHT_MAX;
	q += 1 + strspn(q + 1, " \t");
	if (q >= end || *q != '0')
		return WEIGHT_MAX;
	q++;
	if (q < end && *q == '.')
		for (q++; q < end && *q >= '0' && *q <= '9'; q++) {
			thousandths += unit * (*q - '0');
			unit /= DECIMAL;
		}
	return thousandths;
}

/* The weight of LANGUAGE in ACCEPT, where "ko" is also "ko-KR"; 0: none. */
static int
weight_of(const char *accept, const char *language)
{
	size_t len = strlen(language);
	int best = 0, w;

	while (*accept != '\0') {
		const char *end = accept + strcspn(accept, ",");

		accept += strspn(accept, " \t");
		if (strncasecmp(accept, language, len) == 0 &&
		    strchr("-;, \t", accept[len]) != NULL) {
			w = weight(accept, end);
			best = w > best ? w : best;
		}
		accept = *end == ',' ? end + 1 : end;
	}
	return best;
}

static int
wants_korean(const char *accept)
{
	int ko, en;

	if (accept == NULL)
		return 0;
	ko = weight_of(accept, "ko");
	en = weight_of(accept, "en");
	return ko > en ||
	    (ko == en && ko > 0 &&
		strcasestr(accept, "ko") < strcasestr(accept, "en"));
}

void
text_add_generated(const char *accept_language, struct buf *b)
{
	static const struct words en[] = { WORDS(adjectives_en),
		WORDS(animals_en) };
	static const struct words ko[] = { WORDS(adjectives_ko),
		WORDS(animals_ko) };
	const struct words *words = wants_korean(accept_language) ? ko : en;

	enum { SMALLEST = 2, LARGEST = 99 };

	add_word(&words[0], b);
	add_word(&words[1], b);
	buf_addi(
	    b, SMALLEST + (int64_t)randombytes_uniform(LARGEST - SMALLEST + 1));
}
