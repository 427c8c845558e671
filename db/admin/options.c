#include "db/admin/options.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/number.h"

static int
set(const struct option_def *o, const char *value, void *out)
{
	void *to = (char *)out + o->offset;
	int rc = 0;

	switch (o->kind) {
	case OPTION_TEXT:
		*(const char **)to = value;
		break;
	case OPTION_NUMBER:
		rc = number_read(value, 0, INT64_MAX, to) == NUMBER_OK ? 0 : -1;
		break;
	case OPTION_TIME:
		rc = clock_parse_rfc3339(value, to);
		break;
	case OPTION_SWITCH:
		*(int *)to = 1;
		break;
	}
	if (rc != 0)
		log_error(o->kind == OPTION_TIME ?
			"option needs a time like 2026-11-20T09:30:00Z" :
			"option needs a whole number, 0 or more,"
			" without a unit",
		    "option=%s value=\"%s\"", o->name, value);
	return rc;
}

static const struct option_def *
named(const char *word, const struct option_def *o, size_t n)
{
	size_t len = strcspn(word, "=");

	for (size_t i = 0; i < n; i++)
		if (strlen(o[i].name) == len &&
		    memcmp(o[i].name, word, len) == 0)
			return &o[i];
	return NULL;
}

/* The option at ARGV[I]: how many words it took, -1 when it is wrong. */
static int
take(const struct call *call, int i, const struct option_def *o, void *out)
{
	const char *word = call->argv[i], *value = strchr(word, '=');

	if (o == NULL) {
		log_error("no such option; parlor help lists them",
		    "option=\"%s\"", word);
		return -1;
	}
	if (o->kind == OPTION_SWITCH && value == NULL)
		return set(o, "", out) == 0 ? 1 : -1;
	if (o->kind != OPTION_SWITCH && value != NULL)
		return set(o, value + 1, out) == 0 ? 1 : -1;
	if (o->kind != OPTION_SWITCH && i + 1 < call->argc)
		return set(o, call->argv[i + 1], out) == 0 ? 2 : -1;
	log_error(o->kind == OPTION_SWITCH ? "option takes no value" :
					     "option needs a value",
	    "option=%s", o->name);
	return -1;
}

int
options_words(const struct call *call, const struct option_def *o, size_t n,
    void *out, const struct operands *operands)
{
	int found = 0;

	for (int i = 0; i < call->argc;) {
		const char *word = call->argv[i];
		int taken = 1;

		if (word[0] == '-' && word[1] != '\0') {
			taken = take(call, i, named(word, o, n), out);
		} else if (found == operands->most) {
			log_error("too many arguments; see parlor help",
			    "word=\"%s\"", word);
			taken = -1;
		} else
			operands->words[found++] = word;
		if (taken < 0)
			return -1;
		i += taken;
	}
	if (found < operands->least) {
		log_error("a name is missing; see parlor help", "given=%d",
		    call->argc);
		return -1;
	}
	return 0;
}

int
options_read(const struct call *call, const struct option_def *o, size_t n,
    void *out, const char **operand)
{
	int one = operand != NULL;

	return options_words(
	    call, o, n, out, &(struct operands){ operand, one, one });
}
