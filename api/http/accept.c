#include "api/http/accept.h"

#include <string.h>
#include <strings.h>

static const char spaces[] = " \t";

enum { WEIGHT_MAX = 1000 };

/* One element of the header. */
struct range {
	const char *type; /* "text/html", "text" and a star, or two stars */
	size_t len;
	int weight; /* thousandths */
	int place;
};

/* The result for one of our types. */
struct rating {
	int precision; /* 0: no range fits */
	int weight, place;
};

/* The end of the parameter or element at P: quoted texts may hold anything. */
static const char *
skip(const char *p, const char *ends)
{
	int quoted = 0;

	for (; *p != '\0' && (quoted || strchr(ends, *p) == NULL); p++) {
		if (*p == '"')
			quoted = !quoted;
		if (quoted && *p == '\\' && p[1] != '\0')
			p++;
	}
	return p;
}

/* "0.25" is 250.  A malformed weight counts as none. */
static int
read_weight(const char *p, const char *end)
{
	int weight, unit = WEIGHT_MAX;

	while (end > p && strchr(spaces, end[-1]) != NULL)
		end--;
	if (p == end || (*p != '0' && *p != '1'))
		return WEIGHT_MAX;
	weight = (*p++ - '0') * WEIGHT_MAX;
	if (p < end && *p++ != '.')
		return WEIGHT_MAX;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return WEIGHT_MAX;
		unit /= 10;
		weight += (*p - '0') * unit;
	}
	return weight < WEIGHT_MAX ? weight : WEIGHT_MAX;
}

/* The weight among the parameters from P, which begins with a semicolon. */
static int
find_weight(const char *p)
{
	const char *end;

	for (; *p == ';'; p = end) {
		p += 1 + strspn(p + 1, spaces);
		end = skip(p, ";,");
		if ((*p == 'q' || *p == 'Q') && p[1] == '=')
			return read_weight(p + 2, end);
	}
	return WEIGHT_MAX;
}

/* 3: that very type, 2: any of its main type, 1: any type, 0: no match. */
static int
fits(const struct range *r, const char *type)
{
	size_t kind = strcspn(type, "/") + 1;

	if (r->len == 3 && strncmp(r->type, "*/*", 3) == 0)
		return 1;
	if (r->len == strlen(type) && strncasecmp(r->type, type, r->len) == 0)
		return 3;
	return r->len == kind + 1 && r->type[kind] == '*' &&
		strncasecmp(r->type, type, kind) == 0 ?
	    2 :
	    0;
}

static void
rate(struct rating *rating, const struct range *r, const char *type)
{
	int precision = fits(r, type);

	if (precision <= rating->precision)
		return;
	*rating = (struct rating){ precision, r->weight, r->place };
}

static int
is_better(const struct rating *a, const struct rating *b)
{
	if (a->weight != b->weight)
		return a->weight > b->weight;
	if (a->precision != b->precision)
		return a->precision > b->precision;
	return a->place < b->place;
}

static struct rating
rating_of(const char *accept, const char *type)
{
	struct rating rating = { 0, 0, 0 };
	int place = 0;

	for (const char *p = accept; *p != '\0'; p += *p == ',', place++) {
		struct range r = { .place = place };

		p += strspn(p, spaces);
		r.type = p;
		r.len = strcspn(p, " \t;,");
		p += r.len + strspn(p + r.len, spaces);
		r.weight = find_weight(p);
		rate(&rating, &r, type);
		p = skip(p, ",");
	}
	return rating;
}

size_t
accept_choose(const char *accept, const char *const *types, size_t n)
{
	struct rating best = { 0, 0, 0 };
	size_t chosen = 0;

	for (size_t i = 0; accept != NULL && i < n; i++) {
		struct rating rating = rating_of(accept, types[i]);

		if (rating.weight > 0 &&
		    (best.weight == 0 || is_better(&rating, &best))) {
			best = rating;
			chosen = i;
		}
	}
	return chosen;
}

int
accept_has_coding(const char *accept, const char *coding)
{
	const char *name;
	size_t len;

	for (const char *p = accept; p != NULL && *p != '\0'; p += *p == ',') {
		p += strspn(p, spaces);
		name = p;
		len = strcspn(p, " \t;,");
		p += len + strspn(p + len, spaces);
		if (len == strlen(coding) &&
		    strncasecmp(name, coding, len) == 0)
			return find_weight(p) > 0;
		p = skip(p, ",");
	}
	return 0;
}
