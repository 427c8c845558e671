#include "db/base/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <ctype.h>
#include <limits.h>
#include <unistd.h>

#include "db/base/account.h"
#include "db/base/buf.h"
#include "db/base/gateway.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/number.h"

struct setting {
	const char *name;
	const char *unit; /* NULL: a text */
	unsigned users; /* enum settings_user */
	const char *meaning;
	const char *text; /* default of a text */
	int64_t number, min, max;
	size_t offset;
};

enum {
	API = SETTINGS_API,
	POLLER = SETTINGS_POLLER,
	SERVERS = API | POLLER,
	ALL = SERVERS | SETTINGS_ADMIN
};

static const struct setting table[] = {
#define SETTING_TEXT(name, value, users, meaning)      \
	{ #name, NULL, users, meaning, value, 0, 0, 0, \
		offsetof(struct settings, name) },
#define SETTING_INT(name, value, min, max, unit, users, meaning) \
	{ #name, unit, users, meaning, NULL, value, min, max,    \
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

static const char *
why_not(enum number_rc rc, const char *value)
{
	if (rc == NUMBER_TOO_SMALL)
		return "setting is too small";
	if (rc == NUMBER_TOO_LARGE)
		return "setting is too large";
	return *value == '\0' ?
	    "setting has no value; write a number or leave the line out" :
	    "setting is not a whole number; write only digits, without a unit";
}

static int
set_number(struct settings *s, const struct setting *t, const char *value,
    const char *from)
{
	int64_t n;
	enum number_rc rc = number_read(value, t->min, t->max, &n);

	if (rc != NUMBER_OK) {
		log_line(LOG_ERROR, why_not(rc, value),
		    "name=%s value=\"%s\" min=%" PRId64 " max=%" PRId64
		    " unit=\"%s\" from=\"%s\"",
		    t->name, value, t->min, t->max, t->unit, from);
		return -1;
	}
	*(int64_t *)field(s, t) = n;
	return 0;
}

/* Texts stay reachable from here, so that leak checkers do not report them. */
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

/* Where a value comes from; a later source overrides an earlier one. */
enum source { BY_DEFAULT, BY_FILE, BY_ENVIRONMENT, BY_OPTION };

/* A setting's value in the file, and the value that overrides it. */
static struct origin {
	const char *file, *in_file; /* NULL: not in the file */
	const char *by, *value; /* NULL: nothing overrides it */
} origins[N_SETTINGS];

static void
remember(const struct setting *t, const char *value, const char *from,
    enum source source)
{
	struct origin *o = &origins[t - table];

	if (source == BY_FILE) {
		if (o->in_file != NULL)
			log_warn("setting appears twice in the file; the later"
				 " line counts",
			    "name=%s first=\"%s\" now=\"%s\" file=\"%s\"",
			    t->name, o->in_file, value, from);
		o->file = kept(from);
		o->in_file = kept(value);
	} else if (source > BY_FILE) {
		o->by = kept(from);
		o->value = kept(value);
	}
}

void
settings_log_overruled(void)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const struct origin *o = &origins[i];

		if (o->in_file != NULL && o->by != NULL &&
		    strcmp(o->in_file, o->value) != 0)
			log_warn("setting in the file is overridden",
			    "name=%s file=\"%s\" there=\"%s\" by=%s"
			    " now=\"%s\"",
			    table[i].name, o->file, o->in_file, o->by,
			    o->value);
	}
}

/* An empty directory would mean the root of the file system. */
static int
names_a_directory(const struct setting *t)
{
	return t->offset == offsetof(struct settings, data) ||
	    t->offset == offsetof(struct settings, www);
}

static int
set_from_home(struct settings *s, const struct setting *t, const char *value,
    const char *from)
{
	struct buf path = BUF_INIT;
	int rc = account_add_home_path(&path, value);

	if (rc == 0)
		*(const char **)field(s, t) = kept(buf_str(&path));
	else
		log_error("setting begins with ~/, but /etc/passwd names no"
			  " home directory for this user; write the whole path",
		    "name=%s value=\"%s\" from=\"%s\"", t->name, value, from);
	buf_done(&path);
	return rc;
}

static int
set(struct settings *s, const struct setting *t, const char *value,
    const char *from, enum source source)
{
	remember(t, value, from, source);
	if (t->unit != NULL)
		return set_number(s, t, value, from);
	if (*value == '\0' && names_a_directory(t)) {
		log_error("setting has no value; write one or leave it out for"
			  " its default",
		    "name=%s default=\"%s\" from=\"%s\"", t->name, t->text,
		    from);
		return -1;
	}
	if (names_a_directory(t) && strncmp(value, "~/", 2) == 0)
		return set_from_home(s, t, value, from);
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

/* WHERE is the file's name and the line's number. */
static int
read_line(struct settings *s, char *line, const char *where)
{
	const struct setting *t;
	char *value;

	line = trimmed(line);
	if (*line == '\0')
		return 0;
	value = strchr(line, '=');
	if (value == NULL) {
		log_error("setting has no value; write name = value",
		    "line=\"%s\" from=\"%s\"", line, where);
		return -1;
	}
	*value++ = '\0';
	line = trimmed(line);
	t = named(line, strlen(line));
	if (t == NULL) {
		log_error("no such setting; --help lists them",
		    "name=\"%s\" from=\"%s\"", line, where);
		return -1;
	}
	return set(s, t, trimmed(value), where, BY_FILE);
}

static int
read_lines(struct settings *s, FILE *f, const char *path)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of some editors */
	struct buf where = BUF_INIT;
	char *line = NULL;
	size_t room = 0;
	int rc = 0;

	for (int n = 1; rc == 0 && getline(&line, &room, f) != -1; n++) {
		size_t skipped =
		    n == 1 && strncmp(line, mark, strlen(mark)) == 0 ?
		    strlen(mark) :
		    0;

		buf_clear(&where);
		buf_addf(&where, "%s:%d", path, n);
		rc = read_line(s, line + skipped, buf_str(&where));
	}
	free(line);
	buf_done(&where);
	return rc == 0 && ferror(f) ? -2 : rc;
}

static int
read_file(struct settings *s, const char *path, bool must_exist)
{
	FILE *f = fopen(path, "re");
	int rc = -2;

	if (f == NULL && !must_exist && errno == ENOENT)
		return 1;
	if (f != NULL)
		rc = read_lines(s, f, path);
	if (rc == -2)
		log_error("settings file cannot be read; check its path and"
			  " permissions",
		    "file=\"%s\" error=\"%s\"", path, strerror(errno));
	if (f != NULL)
		(void)fclose(f);
	return rc < 0 ? -1 : rc;
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

/* PARLOR_NAME */
static void
add_variable(struct buf *name, const struct setting *t)
{
	buf_clear(name);
	buf_adds(name, "PARLOR_");
	for (const char *p = t->name; *p != '\0'; p++)
		buf_addc(name, (char)toupper((unsigned char)*p));
}

static int
read_environment(struct settings *s)
{
	struct buf name = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < N_SETTINGS; i++) {
		const char *value;

		add_variable(&name, &table[i]);
		value = getenv(buf_str(&name));
		if (value != NULL)
			rc = set(s, &table[i], value, buf_str(&name),
			    BY_ENVIRONMENT);
	}
	buf_done(&name);
	return rc;
}

/* The options --NAME and --default-NAME. */
static const struct setting *
option(const char *word, enum source *source)
{
	static const char least[] = "--default-";
	size_t len = sizeof(least) - 1;

	*source = BY_OPTION;
	if (strncmp(word, least, len) == 0)
		*source = BY_DEFAULT;
	else if (strncmp(word, "--", 2) == 0)
		len = 2;
	else
		return NULL;
	return named(word + len, strcspn(word + len, "="));
}

/*
 * Reads ARGV[I] as an option of a setting, which counts if it belongs to
 * SOURCE: 0 if it is no such option, 1 or 2 for the number of arguments used,
 * -1 if it is wrong.
 */
static int
read_option(
    struct settings *s, int argc, char **argv, int i, enum source source)
{
	enum source own;
	const struct setting *t = option(argv[i], &own);
	const char *value, *equals = strchr(argv[i], '=');
	struct buf name = BUF_INIT;
	int taken = equals != NULL ? 1 : 2;

	if (t == NULL)
		return 0;
	if (equals == NULL && i + 1 >= argc) {
		log_error("option needs a value", "option=%s", argv[i]);
		return -1;
	}
	value = equals != NULL ? equals + 1 : argv[i + 1];
	buf_add(&name, argv[i], strcspn(argv[i], "="));
	if (own == source && set(s, t, value, buf_str(&name), source) != 0)
		taken = -1;
	buf_done(&name);
	return taken;
}

/* Moves all other arguments to the front of ARGV; gives their number. */
static int
read_options(struct settings *s, int argc, char **argv, enum source source)
{
	int others = argc > 0;

	for (int i = 1; i < argc;) {
		int taken = read_option(s, argc, argv, i, source);

		if (taken < 0)
			return -1;
		if (taken == 0 && source == BY_OPTION)
			argv[others++] = argv[i];
		i += taken > 0 ? taken : 1;
	}
	return others;
}

int
settings_load(struct settings *s, int argc, char **argv)
{
	int cgi = gateway_is_cgi();

	settings_default(s);
	memset(origins, 0, sizeof(origins));
	if (!cgi && read_options(s, argc, argv, BY_DEFAULT) < 0)
		return -1;
	if (read_files(s) < 0 || read_environment(s) != 0)
		return -1;
	if (!cgi)
		return read_options(s, argc, argv, BY_OPTION);
	if (argc > 1)
		log_warn("arguments are ignored under CGI; write settings into"
			 " parlor.conf",
		    "ignored=%d", argc - 1);
	return argc > 0;
}

void
settings_help(FILE *out, enum settings_user user)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const struct setting *t = &table[i];

		if ((t->users & user) == 0)
			continue;
		if (t->unit == NULL)
			(void)fprintf(out, "  --%-20s %s (default: \"%s\")\n",
			    t->name, t->meaning, t->text);
		else
			(void)fprintf(out,
			    "  --%-20s %s (default: %" PRId64 "%s%s; %" PRId64
			    " %s %" PRId64 ")\n",
			    t->name, t->meaning, t->number,
			    t->unit[0] == '\0' ? "" : " ", t->unit, t->min,
			    t->max - t->min == 1 ? "or" : "to", t->max);
	}
}
