#include "db/admin/doctor.h"

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/log.h"

static const struct {
	void (*run)(struct doctor *);
	enum known needs;
	const char *what;
} probes[] = {
#define PROBE(function, needs, what) { function, KNOWN_##needs, what },
#include "db/admin/probes.def"
#undef PROBE
};

enum { N_PROBES = sizeof(probes) / sizeof(probes[0]), STREAMS_MAX = 5000 };

static int
is_address(const char *text)
{
	return strncmp(text, "http://", 7) == 0 ||
	    strncmp(text, "https://", 8) == 0;
}

/* Whether what probe I looks at was asked for. */
static int
is_wanted(const struct doctor *d, size_t i)
{
	if (probes[i].run == probe_origin)
		return d->origin != NULL;
	if (probes[i].run == probe_crowd)
		return d->streams > 0;
	return 1;
}

static int
check_words(const struct doctor *d, const char *url)
{
	if (!is_address(url) || strpbrk(url, "?# \"\\\r\n") != NULL) {
		log_error("doctor needs the address of the page, like"
			  " https://example.org/chat/",
		    "given=\"%s\"", url);
		return -1;
	}
	if (d->origin != NULL &&
	    (!is_address(d->origin) ||
		strpbrk(strstr(d->origin, "://") + 3, "/?# \"\\\r\n") !=
		    NULL)) {
		log_error("an origin is like https://example.com, without a"
			  " path",
		    "given=\"%s\"", d->origin);
		return -1;
	}
	if (d->streams > STREAMS_MAX) {
		log_error("doctor opens at most 5000 streams", "streams=%lld",
		    (long long)d->streams);
		return -1;
	}
	return 0;
}

static int
look_at(struct doctor *d, const char *url)
{
	size_t len = strlen(url);
	int n;

	while (len > 0 && url[len - 1] == '/')
		len--;
	buf_add(&d->url, url, len);
	for (size_t i = 0; i < N_PROBES; i++)
		if (d->known >= probes[i].needs && is_wanted(d, i)) {
			diagnosis_looked(&d->said, probes[i].what);
			probes[i].run(d);
		}
	n = diagnosis_end(&d->said, url);
	buf_done(&d->url);
	buf_done(&d->server);
	buf_done(&d->asset);
	buf_done(&d->room);
	buf_done(&d->token);
	return n;
}

struct words {
	struct doctor doctor;
	int json;
};

int
command_doctor(const struct call *call)
{
	static const struct option_def options[] = {
		{ "--origin", OPTION_TEXT,
		    offsetof(struct words, doctor.origin) },
		{ "--streams", OPTION_NUMBER,
		    offsetof(struct words, doctor.streams) },
		{ "--json", OPTION_SWITCH, offsetof(struct words, json) },
	};
	struct words words = { 0 };
	const char *url;

	if (options_read(call, options, 3, &words, &url) != 0 ||
	    check_words(&words.doctor, url) != 0)
		return EXIT_USAGE;
	diagnosis_begin(&words.doctor.said, words.json);
	words.doctor.said.origin = words.doctor.origin;
	return look_at(&words.doctor, url) == 0 ? EXIT_FINE : EXIT_FAILED;
}
