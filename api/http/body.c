#include "api/http/body.h"

#include <string.h>

#include "db/base/clock.h"
#include "db/base/must.h"
#include "db/text/names.h"
#include "db/text/text.h"

enum { DEPTH_MAX = 8 };

/* Every integer up to this is exact as a double. */
static const double EXACT = 9007199254740992.0;

/* Levels of nesting in VALUE, counted up to LIMIT. */
static int
depth(json_t *value, int limit)
{
	int deepest = 0, level;
	const char *name;
	json_t *item;
	size_t i;

	if (limit == 0 || (!json_is_object(value) && !json_is_array(value)))
		return 0;
	json_object_foreach(value, name, item)
	{
		level = depth(item, limit - 1);
		deepest = level > deepest ? level : deepest;
	}
	json_array_foreach(value, i, item)
	{
		level = depth(item, limit - 1);
		deepest = level > deepest ? level : deepest;
	}
	return deepest + 1;
}

enum problem
body_parse(const struct request *request, json_t **body)
{
	static const char mark[] = "\xef\xbb\xbf";
	const char *p = request->body;
	size_t len = request->len;
	json_error_t why;

	if (len >= sizeof(mark) - 1 && memcmp(p, mark, sizeof(mark) - 1) == 0) {
		p += sizeof(mark) - 1;
		len -= sizeof(mark) - 1;
	}
	if (len == 0)
		return PROBLEM_NONE;
	*body = json_loadb(p, len, JSON_REJECT_DUPLICATES, &why);
	if (*body == NULL &&
	    json_error_code(&why) == json_error_numeric_overflow)
		return PROBLEM_NUMBER_TOO_LARGE;
	if (!json_is_object(*body) || depth(*body, DEPTH_MAX + 1) > DEPTH_MAX)
		return PROBLEM_MALFORMED_JSON;
	return PROBLEM_NONE;
}

enum problem
body_parse_empty(const struct request *request, json_t **body)
{
	enum problem problem = body_parse(request, body);

	if (problem == PROBLEM_NONE && json_object_size(*body) > 0)
		return PROBLEM_INVALID_FIELDS;
	return problem;
}

static const char *
take_text(const struct field *f, json_t *value, void *at)
{
	const char *text = json_string_value(value), *why;

	if (text == NULL)
		return "must be a string";
	why = f->check != NULL ? f->check(text) : NULL;
	*(const char **)at = text;
	return why;
}

/* Changes the text to its stored form, in the body itself. */
static const char *
take_changed(const struct field *f, json_t *value, void *at,
    void (*change)(const char *, struct buf *))
{
	struct buf changed = BUF_INIT;

	if (json_is_string(value)) {
		change(json_string_value(value), &changed);
		must(json_string_set(value, buf_str(&changed)) == 0);
		buf_done(&changed);
	}
	return take_text(f, value, at);
}

static const char *
take_number(const struct field *f, json_t *value, void *at)
{
	json_int_t n = json_integer_value(value);
	double real = json_real_value(value);

	/* JSON has one kind of number: 3, 3.0 and 3e0 are the same. */
	if (json_is_real(value) && real >= -EXACT && real <= EXACT &&
	    (double)(json_int_t)real == real)
		n = (json_int_t)real;
	else if (!json_is_integer(value))
		return "must be a whole number";
	if (n < f->min || n > f->max)
		return "is out of range";
	*(int64_t *)at = n;
	return NULL;
}

static const char *
take_time(json_t *value, void *at)
{
	const char *text = json_string_value(value);
	int64_t when = 0;

	if (!json_is_null(value) &&
	    (text == NULL || clock_parse_rfc3339(text, &when) != 0))
		return "must be null or a time like 2026-11-20T09:30:00Z";
	if (text != NULL && when <= clock_wall())
		return "must be in the future";
	*(int64_t *)at = when;
	return NULL;
}

static const char *
take(const struct field *f, json_t *value, void *at)
{
	switch (f->type) {
	case FIELD_TEXT:
		return take_text(f, value, at);
	case FIELD_NAME:
		return take_changed(f, value, at, names_add_clean);
	case FIELD_LINES:
		return take_changed(f, value, at, text_add_lines);
	case FIELD_TEXT_OR_NULL:
		if (!json_is_null(value))
			return take_text(f, value, at);
		*(const char **)at = "";
		return NULL;
	case FIELD_NUMBER:
		return take_number(f, value, at);
	case FIELD_TIME:
		return take_time(value, at);
	case FIELD_OBJECT:
		if (json_is_null(value))
			return NULL;
		*(json_t **)at = value;
		return json_is_object(value) ? NULL : "must be an object";
	case FIELD_BOOL:
		*(int64_t *)at = json_is_true(value);
		return json_is_boolean(value) ? NULL : "must be true or false";
	}
	must(!"a field's type");
	return NULL;
}

static int
listed(const char *name, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return 1;
	return 0;
}

int
body_take(json_t *object, const struct field *fields, size_t n, void *into,
    struct reply *reply)
{
	const char *name, *why = NULL;
	json_t *value;

	json_object_foreach(object, name, value) if (!listed(name, fields, n))
	{
		*reply = reply_field(name, "is not known here");
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		const struct field *f = &fields[i];

		value = json_object_get(object, f->name);
		if (value != NULL)
			why = take(f, value, (char *)into + f->offset);
		else if (f->need == FIELD_REQUIRED)
			why = "is required";
		if (why != NULL) {
			*reply = reply_field(f->name, why);
			return 0;
		}
	}
	return 1;
}
