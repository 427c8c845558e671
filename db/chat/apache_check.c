#include "db/chat/apache_check.h"

#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <strings.h>
#include <unistd.h>

#include "db/base/buf.h"

enum { MS_PER_S = 1000, BODY_LEAST = 131072 };

static const char *const usual[] = { "/etc/apache2", "/etc/httpd" };
static const char *const patterns[] = { "apache2.conf", "mods-enabled/*.load",
	"mods-enabled/*.conf", "conf-enabled/*.conf", "sites-enabled/*",
	"conf/httpd.conf", "conf.modules.d/*.conf", "conf.d/*.conf" };

struct look {
	const struct settings *settings;
	struct findings *findings;
	const char *file;
	int judges; /* the second pass: Parlor is named somewhere */

	/* found so far */
	int is_ours, is_prefork, has_reqtimeout;
	int64_t workers; /* 0: not said */
	char data[PATH_MAX];
};

static void
took_root(struct look *l, const char *value)
{
	char root[PATH_MAX];
	size_t len;

	if (!l->judges || realpath(value, root) == NULL)
		return;
	len = strlen(root);
	if (strncmp(l->data, root, len) == 0 &&
	    (l->data[len] == '/' || l->data[len] == '\0'))
		findings_add(l->findings,
		    "%s lies below the document root %s (%s), so anybody can"
		    " fetch the database; move it and set data to the new"
		    " place",
		    l->data, root, l->file);
}

static void
took_timeout(struct look *l, const char *name, const char *value)
{
	int64_t ms = strtoll(value, NULL, 10) * MS_PER_S;

	if (l->judges && l->is_ours && ms > 0 && ms < 2 * l->settings->hb_ms)
		findings_add(l->findings,
		    "%s %s in %s cuts off streams that are silent: set hb_ms"
		    " to %" PRId64 " or less, or raise it",
		    name, value, l->file, ms / 2);
}

static void
took_module(struct look *l, const char *value)
{
	if (strcasecmp(value, "reqtimeout_module") == 0)
		l->has_reqtimeout = 1;
	if (strcasecmp(value, "mpm_prefork_module") == 0)
		l->is_prefork = 1;
}

/* VALUE is the rest of the line. */
static void
took_reading(struct look *l, const char *value)
{
	const char *zero = strstr(value, "=0");

	if (l->judges && l->is_ours && zero != NULL &&
	    (zero[2] == '\0' || zero[2] == ' ' || zero[2] == '\t'))
		findings_add(l->findings,
		    "RequestReadTimeout %s in %s lets a client that sends"
		    " slowly hold a thread of Apache; give it seconds instead"
		    " of 0",
		    value, l->file);
}

static void
took_length(struct look *l, const char *value)
{
	int64_t bytes = strtoll(value, NULL, 10);

	if (l->judges && l->is_ours && bytes < BODY_LEAST)
		findings_add(l->findings,
		    "FcgidMaxRequestLen %s in %s is too small for long"
		    " messages; set it to %d",
		    value, l->file, BODY_LEAST);
}

static void
take(struct look *l, const char *name, const char *value)
{
	static const char *const timeouts[] = { "Timeout", "ProxyTimeout",
		"FcgidIOTimeout" };

	for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++)
		if (strcasecmp(name, timeouts[i]) == 0)
			took_timeout(l, timeouts[i], value);
	if (strcasecmp(name, "DocumentRoot") == 0)
		took_root(l, value);
	if (strcasecmp(name, "LoadModule") == 0)
		took_module(l, value);
	if (strcasecmp(name, "RequestReadTimeout") == 0)
		took_reading(l, value);
	if (strcasecmp(name, "FcgidMaxRequestLen") == 0)
		took_length(l, value);
	if (strcasecmp(name, "MaxRequestWorkers") == 0)
		l->workers = strtoll(value, NULL, 10);
}

/* Cuts the line's next word, without its quotes; *REST is what follows. */
static char *
word(char *line, char **rest)
{
	static const char spaces[] = " \t\r\n";
	char *begin = line + strspn(line, spaces), *end;

	if (*begin == '"') {
		begin++;
		end = begin + strcspn(begin, "\"\n");
	} else
		end = begin + strcspn(begin, spaces);
	*rest = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return begin;
}

static void
read_line(struct look *l, char *line)
{
	char *rest, *name, *value;

	line[strcspn(line, "\r\n")] = '\0';
	if (line[strspn(line, " \t")] == '#')
		return;
	if (strcasestr(line, "parlor") != NULL)
		l->is_ours = 1;
	name = word(line, &rest);
	if (strcasecmp(name, "RequestReadTimeout") == 0) {
		take(l, name, rest + strspn(rest, " \t"));
		return;
	}
	value = word(rest, &rest);
	take(l, name, value);
}

static void
read_file(struct look *l, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	l->file = path;
	while (f != NULL && getline(&line, &room, f) >= 0)
		read_line(l, line);
	free(line);
	if (f != NULL)
		(void)fclose(f);
}

static void
read_all(struct look *l, const char *dir)
{
	struct buf pattern = BUF_INIT;
	glob_t found;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		buf_clear(&pattern);
		buf_addf(&pattern, "%s/%s", dir, patterns[i]);
		if (glob(buf_str(&pattern), 0, NULL, &found) != 0)
			continue;
		for (size_t j = 0; j < found.gl_pathc; j++)
			read_file(l, found.gl_pathv[j]);
		globfree(&found);
	}
	buf_done(&pattern);
}

/* What no single line says. */
static void
judge_whole(struct look *l, const char *dir)
{
	if (!l->has_reqtimeout)
		findings_add(l->findings,
		    "Apache in %s does not load mod_reqtimeout, so a client"
		    " that sends slowly holds a thread; run a2enmod reqtimeout",
		    dir);
	if (l->is_prefork)
		findings_add(l->findings,
		    "Apache in %s uses the prefork MPM, so each stream holds a"
		    " process; run a2dismod mpm_prefork and a2enmod mpm_event",
		    dir);
	if (l->workers > 0 && l->workers <= l->settings->streams_max)
		findings_add(l->findings,
		    "MaxRequestWorkers in %s is %" PRId64
		    ", and streams_max is %" PRId64
		    ": streams can take all of Apache; set streams_max to"
		    " %" PRId64 ", or MaxRequestWorkers higher",
		    dir, l->workers, l->settings->streams_max,
		    l->workers - l->workers / 8);
}

const char *
apache_check_find(const struct settings *s, const char *dir, struct findings *f)
{
	struct look l = { .settings = s, .findings = f };

	for (size_t i = 0; dir == NULL && i < sizeof(usual) / sizeof(usual[0]);
	     i++)
		if (access(usual[i], R_OK | X_OK) == 0)
			dir = usual[i];
	if (dir == NULL || access(dir, R_OK | X_OK) != 0)
		return NULL;
	if (realpath(s->data, l.data) == NULL)
		l.data[0] = '\0';
	read_all(&l, dir);
	l.judges = 1;
	read_all(&l, dir);
	if (l.is_ours)
		judge_whole(&l, dir);
	return dir;
}
