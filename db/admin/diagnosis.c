#include "db/admin/diagnosis.h"

#include <stdarg.h>

#include "db/base/buf.h"
#include "db/base/must.h"

static const char *const codes[] = {
#define FINDING(name, code) [FINDING_##name] = (code),
#define REMEDY(name, front, where, line)
#include "db/admin/remedies.def"
#undef FINDING
#undef REMEDY
};

static const struct remedy {
	enum finding finding;
	enum front front;
	const char *where, *line;
} remedies[] = {
#define FINDING(name, code)
#define REMEDY(name, front, where, line) \
	{ FINDING_##name, FRONT_##front, where, line },
#include "db/admin/remedies.def"
#undef FINDING
#undef REMEDY
};

enum { N_REMEDIES = sizeof(remedies) / sizeof(remedies[0]) };

void
diagnosis_begin(struct diagnosis *d, int as_json)
{
	*d = (struct diagnosis){ .as_json = as_json,
		.front = FRONT_ANY,
		.findings = json_array(),
		.notes = json_array(),
		.looked = json_array() };
	must(d->findings != NULL && d->notes != NULL && d->looked != NULL);
}

/* What a server answers may hold anything. */
static json_t *
sentence(const char *fmt, va_list args)
{
	char *text = NULL;
	json_t *made;

	must(vasprintf(&text, fmt, args) >= 0);
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	made = json_string(text);
	if (made == NULL) {
		for (char *p = text; *p != '\0'; p++)
			if ((unsigned char)*p > 0x7e)
				*p = '?';
		made = json_string(text);
	}
	must(made != NULL);
	free(text);
	return made;
}

static int
has_own(const struct diagnosis *d, enum finding finding)
{
	for (size_t i = 0; i < N_REMEDIES; i++)
		if (remedies[i].finding == finding &&
		    remedies[i].front == d->front && d->front != FRONT_ANY)
			return 1;
	return 0;
}

static json_t *
line_of(const struct diagnosis *d, const struct remedy *r)
{
	const char *slot = d->origin != NULL ? strstr(r->line, "%s") : NULL;
	struct buf line = BUF_INIT;
	json_t *made;

	if (slot != NULL) {
		buf_add(&line, r->line, (size_t)(slot - r->line));
		buf_adds(&line, d->origin);
		buf_adds(&line, slot + 2);
	} else
		buf_adds(&line, r->line);
	made =
	    json_pack("{s:s,s:s}", "where", r->where, "line", buf_str(&line));
	must(made != NULL);
	buf_done(&line);
	return made;
}

static json_t *
lines_for(const struct diagnosis *d, enum finding finding)
{
	int own = has_own(d, finding);
	json_t *lines = json_array();

	for (size_t i = 0; i < N_REMEDIES; i++) {
		const struct remedy *r = &remedies[i];

		if (r->finding == finding &&
		    (!own || r->front == d->front || r->front == FRONT_ANY))
			must(json_array_append_new(lines, line_of(d, r)) == 0);
	}
	return lines;
}

static void
print(const char *code, const json_t *says, const json_t *lines)
{
	size_t i;
	json_t *line;

	(void)printf("%s: %s\n", code, json_string_value(says));
	json_array_foreach(lines, i, line)(void) printf("    %s: %s\n",
	    json_string_value(json_object_get(line, "where")),
	    json_string_value(json_object_get(line, "line")));
	(void)fflush(stdout);
}

void
diagnosis_find(struct diagnosis *d, enum finding finding, const char *fmt, ...)
{
	json_t *says, *lines = lines_for(d, finding);
	va_list args;

	va_start(args, fmt);
	says = sentence(fmt, args);
	va_end(args);
	if (!d->as_json)
		print(codes[finding], says, lines);
	must(json_array_append_new(d->findings,
		 json_pack("{s:s,s:o,s:o}", "finding", codes[finding], "says",
		     says, "remedies", lines)) == 0);
}

void
diagnosis_note(struct diagnosis *d, const char *fmt, ...)
{
	json_t *says;
	va_list args;

	va_start(args, fmt);
	says = sentence(fmt, args);
	va_end(args);
	if (!d->as_json)
		print("note", says, NULL);
	must(json_array_append_new(d->notes, says) == 0);
}

void
diagnosis_looked(struct diagnosis *d, const char *what)
{
	must(json_array_append_new(d->looked, json_string(what)) == 0);
}

static void
print_end(const struct diagnosis *d)
{
	size_t n = json_array_size(d->findings), i;
	json_t *what;

	if (n == 0)
		(void)printf("all is well");
	else
		(void)printf("%zu finding%s", n, n > 1 ? "s" : "");
	json_array_foreach(d->looked, i, what)(void) printf(
	    "%s%s", i == 0 ? ": looked at " : ", ", json_string_value(what));
	(void)putchar('\n');
}

int
diagnosis_end(struct diagnosis *d, const char *url)
{
	int n = (int)json_array_size(d->findings);
	json_t *all;

	if (!d->as_json)
		print_end(d);
	all = json_pack("{s:s,s:b,s:o,s:o,s:o}", "url", url, "well", n == 0,
	    "findings", d->findings, "notes", d->notes, "looked_at", d->looked);
	must(all != NULL);
	if (d->as_json && json_dumpf(all, stdout, JSON_COMPACT) == 0)
		(void)putchar('\n');
	json_decref(all);
	return n;
}
