#include "db/base/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <ctype.h>
#include <limits.h>
#include <unistd.h>

#include "db/base/buf.h"
#include "db/base/gateway.h"
#include "db/base/log.h"
#include "db/base/must.h"

struct setting {
	const char *name;
	const char *unit; /* NULL: a text */
	const char *meaning;
	const char *text; /* default of a text */
	int64_t number, min, max;
	size_t offset;
};

static const struct setting table[] = {
#define SETTING_TEXT(name, value, meaning)      \
	{ #name, NULL, meaning, value, 0, 0, 0, \
		offsetof(struct settings, name) },
#define SETTING_INT(name, value, min, max, unit, meaning) \
	{ #name, unit, meaning, NULL, value, min, max,    \
		offsetof(struct settings, name) },
#include "db/base/settings.def"
#undef SETTING_TEXT
#undef SETTING_INT
};

enum { N_SETTINGS = sizeof(table) / sizeof(table[0]) };

static const char system_file[] = "/etc/parlor/parlor.conf";

static void *
field(struct settings *s, const struct setting *t)
{
	return (char *)s + t->offset;
}

void
settings_default(struct settings *s)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (table[i].unit == NULL)
			*(const char **)field(s, &table[i]) = table[i].text;
		else
			*(int64_t *)field(s, &table[i]) = table[i].number;
}

static int
set_number(struct settings *s, const struct setting *t, const char *value,
    const char *from)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || n < t->min ||
	    n > t->max) {
		log_error("setting is out of range",
		    "name=%s value=\"%s\" min=%" PRId64 " max=%" PRId64
		    " unit=%s from=\"%s\"",
		    t->name, value, t->min, t->max, t->unit, from);
		return -1;
	}
	*(int64_t *)field(s, t) = n;
	return 0;
}

/* Texts stay reachable from here, so that no leak is seen in them. */
struct text {
	struct text *next;
	char s[];
};
static struct text *texts;

static const char *
kept(const char *value)
{
	size_t size = strlen(value) + 1;
	struct text *t = must_alloc(sizeof(*t) + size);

	memcpy(t->s, value, size);
	t->next = texts;
	texts = t;
	return t->s;
}

static int
set(struct settings *s, const struct setting *t, const char *value,
    const char *from)
{
	if (t->unit != NULL)
		return set_number(s, t, value, from);
	*(const char **)field(s, t) = kept(value);
	return 0;
}

static const struct setting *
named(const char *name, size_t len)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (strlen(table[i].name) == len &&
		    memcmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

/* The line without white space and comment around its text. */
static char *
trimmed(char *line)
{
	size_t len;

	while (isspace((unsigned char)*line))
		line++;
	if (*line == '#')
		*line = '\0';
	len = strlen(line);
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	return line;
}

static int
read_line(struct settings *s, char *line, const char *path)
{
	const struct setting *t;
	char *value;

	line = trimmed(line);
	if (*line == '\0')
		return 0;
	value = strchr(line, '=');
	if (value == NULL) {
		log_error("setting has no value; write name = value",
		    "line=\"%s\" file=\"%s\"", line, path);
		return -1;
	}
	*value++ = '\0';
	line = trimmed(line);
	t = named(line, strlen(line));
	if (t == NULL) {
		log_error("no such setting; --help lists them",
		    "name=\"%s\" file=\"%s\"", line, path);
		return -1;
	}
	return set(s, t, trimmed(value), path);
}

static int
read_file(struct settings *s, const char *path, bool must_exist)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int rc = 0;

	if (f == NULL) {
		if (!must_exist && errno == ENOENT)
			return 1;
		log_error("settings file cannot be read",
		    "file=\"%s\" error=\"%s\"", path, strerror(errno));
		return -1;
	}
	while (rc == 0 && getline(&line, &room, f) != -1)
		rc = read_line(s, line, path);
	free(line);
	(void)fclose(f);
	return rc;
}

static int
read_files(struct settings *s)
{
	const char *chosen = getenv("PARLOR_CONF");
	struct buf path = BUF_INIT;
	char exe[PATH_MAX];
	ssize_t n;
	int rc = 1;

	if (chosen != NULL)
		return read_file(s, chosen, true);
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n > 0) {
		exe[n] = '\0';
		*(strrchr(exe, '/') + 1) = '\0';
		buf_addf(&path, "%sparlor.conf", exe);
		rc = read_file(s, buf_str(&path), false);
		buf_done(&path);
	}
	return rc == 1 ? read_file(s, system_file, false) : rc;
}

static int
read_environment(struct settings *s)
{
	struct buf name = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < N_SETTINGS; i++) {
		const char *value;

		buf_clear(&name);
		buf_adds(&name, "PARLOR_");
		for (const char *p = table[i].name; *p != '\0'; p++)
			buf_addc(&name, (char)toupper((unsigned char)*p));
		value = getenv(buf_str(&name));
		if (value != NULL)
			rc = set(s, &table[i], value, buf_str(&name));
	}
	buf_done(&name);
	return rc;
}

/*
 * ARGV[I] as an option of a setting: 0 it is none, 1 or 2 for the number of
 * arguments that it took, -1 it is wrong.
 */
static int
read_option(struct settings *s, int argc, char **argv, int i)
{
	const char *name = argv[i], *value;
	const struct setting *t;

	if (name[0] != '-' || name[1] != '-')
		return 0;
	name += 2;
	t = named(name, strcspn(name, "="));
	if (t == NULL)
		return 0;
	value = strchr(name, '=');
	if (value != NULL)
		return set(s, t, value + 1, argv[i]) == 0 ? 1 : -1;
	if (i + 1 >= argc) {
		log_error("option needs a value", "option=%s", argv[i]);
		return -1;
	}
	return set(s, t, argv[i + 1], argv[i]) == 0 ? 2 : -1;
}

static int
read_options(struct settings *s, int argc, char **argv)
{
	int kept = argc > 0;

	for (int i = 1; i < argc;) {
		int taken = read_option(s, argc, argv, i);

		if (taken < 0)
			return -1;
		if (taken == 0)
			argv[kept++] = argv[i++];
		i += taken;
	}
	return kept;
}

int
settings_load(struct settings *s, int argc, char **argv)
{
	settings_default(s);
	if (read_files(s) < 0 || read_environment(s) != 0)
		return -1;
	if (!gateway_is_cgi())
		return read_options(s, argc, argv);
	if (argc > 1)
		log_warn("arguments do not count under CGI;"
			 " write settings into parlor.conf",
		    "ignored=%d", argc - 1);
	return argc > 0;
}

void
settings_help(FILE *out)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const struct setting *t = &table[i];

		if (t->unit == NULL)
			(void)fprintf(out, "  --%-20s %s (default \"%s\")\n",
			    t->name, t->meaning, t->text);
		else
			(void)fprintf(out,
			    "  --%-20s %s (%" PRId64 " %s; %" PRId64
			    " to %" PRId64 ")\n",
			    t->name, t->meaning, t->number, t->unit, t->min,
			    t->max);
	}
}
