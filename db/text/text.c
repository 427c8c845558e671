#include "db/text/text.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "db/base/limits.h"
#include "db/text/unicode.h"

enum { UTF8_PER_CHARACTER = 4 };

void
text_add_nfc(const char *text, struct buf *b)
{
	size_t len = strlen(text);
	struct wide w;

	if (wide_init(&w, text, len) != 0) {
		buf_add(b, text, len);
		return;
	}
	wide_nfc(&w);
	wide_narrow(&w, b);
	wide_done(&w);
}

void
text_add_lines(const char *text, struct buf *b)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\r");

		buf_add(b, text, n);
		text += n;
		if (*text == '\0')
			break;
		buf_addc(b, '\n');
		text += text[1] == '\n' ? 2 : 1;
	}
}

struct limits {
	int characters;
	size_t bytes;
	const char *why;
};

/* A control character that is not one of SPACES. */
static int
is_control(UChar32 c, const char *spaces)
{
	return u_charType(c) == U_CONTROL_CHAR &&
	    (c > INT8_MAX || strchr(spaces, c) == NULL);
}

/*
 * Checks longer text; SPACES are the control characters that it may contain.
 * *BLANK: nothing in it can be seen.
 */
static const char *
check_prose(const char *text, const struct limits *limits, const char *spaces,
    int *blank)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t bytes = strlen(text);
	int32_t i = 0, len, count;
	UChar32 c;

	*blank = 1;
	if (bytes < 1 || bytes > limits->bytes)
		return limits->why;
	len = (int32_t)bytes;
	for (count = 0; i < len; count++) {
		U8_NEXT(s, i, len, c);
		if (c < 0)
			return "must be UTF-8";
		if (is_control(c, spaces))
			return *spaces != '\0' ?
			    "must not hold control characters "
			    "but for tab and line feed" :
			    "must not hold control characters";
		*blank = *blank && unicode_is_blank(c);
	}
	return count <= limits->characters ? NULL : limits->why;
}

/* The same for what is shown to people. */
static const char *
check_shown(const char *text, const struct limits *limits, const char *spaces)
{
	int blank;
	const char *why = check_prose(text, limits, spaces, &blank);

	return why == NULL && blank ? "must hold something that can be seen" :
				      why;
}

const char *
text_check_content(const char *text)
{
	static const struct limits limits = { CONTENT_MAX,
		(size_t)CONTENT_MAX * UTF8_PER_CHARACTER,
		"must be 1 to 4000 characters" };

	return check_shown(text, &limits, "\t\n");
}

const char *
text_check_notification(const char *text)
{
	static const struct limits limits = { NOTIFICATION_TEXT_MAX,
		(size_t)NOTIFICATION_TEXT_MAX * UTF8_PER_CHARACTER,
		"must be 1 to 500 characters" };

	return check_shown(text, &limits, "\t\n");
}

static const struct limits reference_limits = { REFERENCE_MAX,
	(size_t)REFERENCE_MAX *UTF8_PER_CHARACTER,
	"must be 1 to 255 characters" };

const char *
text_check_reference(const char *text)
{
	int blank;

	return check_prose(text, &reference_limits, "", &blank);
}

static const char *const adjectives_en[] = { "Amber", "Brave", "Bright", "Calm",
	"Cheerful", "Clever", "Cozy", "Curious", "Dapper", "Eager", "Gentle",
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
