/* The page, the API, the clocks, and what must not be reachable. */
#include "db/admin/doctor.h"

#include "db/base/clock.h"
#include "db/base/version.h"
#include "db/engine/migrations.h"

enum { MS_PER_S = 1000, OFF_MAX_MS = 5000, SMALL = 1000 };

/* Keeps the file that the page names by `src="..."`. */
static int
find_script(struct doctor *d, const char *page)
{
	const char *end = strstr(page, "app.js\""), *from = end;

	if (end == NULL)
		return -1;
	while (from > page && from[-1] != '"' && from[-1] != '\'')
		from--;
	buf_add(&d->asset, from, (size_t)(end - from) + strlen("app.js"));
	return 0;
}

/* A page that was not asked for anew names files that an upgrade removed. */
static void
check_caching(struct doctor *d, struct curl *c)
{
	static const char *const asked[] = { "no-cache", "no-store",
		"max-age=0" };
	struct buf value = BUF_INIT, age = BUF_INIT;
	int fine = 0;

	(void)curl_header(c, "Cache-Control", &value);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		fine |= strstr(buf_str(&value), asked[i]) != NULL;
	(void)curl_header(c, "Age", &age);
	if (strtol(buf_str(&age), NULL, 10) > 0)
		diagnosis_find(&d->said, FINDING_PAGE_CACHED,
		    "A cache in front answered with a page that is %s seconds"
		    " old.",
		    buf_str(&age));
	else if (!fine)
		diagnosis_find(&d->said, FINDING_PAGE_CACHED,
		    "Browsers and caches may keep the page without asking"
		    " (Cache-Control is \"%s\"), and will miss an upgrade.",
		    buf_str(&value));
	buf_done(&value);
	buf_done(&age);
}

void
probe_page(struct doctor *d)
{
	struct curl c = { 0 };
	struct buf to = BUF_INIT;
	int status = doctor_get(d, &c, "", NULL);

	if (status == 0) {
		diagnosis_find(&d->said, FINDING_UNREACHABLE,
		    "Nothing answers at %s/: %s", buf_str(&d->url),
		    curl_trouble(&c));
	} else if (status >= 300 && status < 400 &&
	    curl_header(&c, "Location", &to) > 0) {
		diagnosis_find(&d->said, FINDING_PAGE_MOVED,
		    "The address of the page leads to another one: %s.",
		    buf_str(&to));
	} else {
		d->known = KNOWN_SITE;
		if (status != 200 || find_script(d, curl_body(&c, NULL)) != 0)
			diagnosis_find(&d->said, FINDING_PAGE_MISSING,
			    "There is no page of Parlor at %s/; the answer has"
			    " status %d.",
			    buf_str(&d->url), status);
		else
			check_caching(d, &c);
	}
	buf_done(&to);
	curl_close(&c);
}

static void
check_file(struct doctor *d, struct curl *c)
{
	struct buf value = BUF_INIT;
	size_t len;

	(void)curl_body(c, &len);
	if (curl_header(c, "Content-Encoding", &value) == 0 && len > SMALL)
		diagnosis_find(&d->said, FINDING_NOT_COMPRESSED,
		    "The files of the page are not compressed: %s has %zu"
		    " bytes.",
		    buf_str(&d->asset), len);
	(void)curl_header(c, "Cache-Control", &value);
	if (strstr(buf_str(&d->asset), "v-") != NULL &&
	    strstr(buf_str(&value), "immutable") == NULL)
		diagnosis_find(&d->said, FINDING_FILES_NOT_KEPT,
		    "Browsers ask for the files of the page again each time"
		    " (Cache-Control is \"%s\").",
		    buf_str(&value));
	buf_done(&value);
}

void
probe_files(struct doctor *d)
{
	struct curl c = { 0 };
	int status;

	if (d->asset.len == 0)
		return;
	status = doctor_get(
	    d, &c, buf_str(&d->asset), "Accept-Encoding: gzip, deflate, br");
	if (status == 200)
		check_file(d, &c);
	else
		diagnosis_find(&d->said, FINDING_PAGE_TORN,
		    "The page names %s, which answers %d: the page and its"
		    " files are of different versions, or one is cached.",
		    buf_str(&d->asset), status);
	curl_close(&c);
}

static enum front
front_of(const struct buf *server)
{
	static const struct {
		const char *name;
		enum front front;
	} known[] = {
		{ "Apache", FRONT_APACHE },
		{ "nginx", FRONT_NGINX },
		{ "Caddy", FRONT_CADDY },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(buf_str(server), known[i].name,
			strlen(known[i].name)) == 0)
			return known[i].front;
	return server->len == 0 ? FRONT_NONE : FRONT_ANY;
}

/* The health as it should be; 0: the body is something else. */
static int
check_health(struct doctor *d, const struct curl *c)
{
	size_t len;
	const char *body = curl_body(c, &len), *status, *storage, *version;
	int schema, known;
	json_t *health = json_loadb(body, len, 0, NULL);

	known = json_unpack(health, "{s:s,s:s,s:s,s:i}", "status", &status,
		    "storage", &storage, "version", &version, "schema",
		    &schema) == 0;
	if (known && strcmp(status, "ok") != 0)
		diagnosis_find(&d->said, FINDING_STORAGE,
		    "Parlor answers that it is %s: its storage is %s.", status,
		    storage);
	if (known &&
	    (schema != store_schema || strcmp(version, PARLOR_VERSION) != 0))
		diagnosis_find(&d->said, FINDING_OTHER_VERSION,
		    "The site runs Parlor %s with schema %d, and this program"
		    " is %s with schema %d.",
		    version, schema, PARLOR_VERSION, store_schema);
	json_decref(health);
	return known;
}

static const struct {
	int status;
	enum finding finding;
	const char *what;
} refusals[] = {
	{ 404, FINDING_API_MISSING, "is not where the page expects it" },
	{ 403, FINDING_API_DENIED, "may not be run by the web server" },
	{ 500, FINDING_API_BROKEN, "cannot be run by the web server" },
	{ 502, FINDING_API_DOWN, "does not run" },
	{ 503, FINDING_API_DOWN, "does not run or cannot use its database" },
	{ 504, FINDING_API_DOWN, "does not answer" },
};

static void
say_refusal(struct doctor *d, const struct curl *c, int status)
{
	struct buf detail = BUF_INIT;
	const char *body = curl_body(c, NULL);
	size_t i = 0, n = sizeof(refusals) / sizeof(refusals[0]);

	doctor_field(c, "detail", &detail);
	while (i < n && refusals[i].status != status)
		i++;
	if (strncmp(body, "#!", 2) == 0 || strncmp(body, "\177ELF", 4) == 0)
		diagnosis_find(&d->said, FINDING_API_TEXT,
		    "The web server gives out the script of the API instead of"
		    " running it.");
	else if (i < n)
		diagnosis_find(&d->said, refusals[i].finding,
		    "The API %s: %s/api/v1/health answers %d. %s",
		    refusals[i].what, buf_str(&d->url), status,
		    buf_str(&detail));
	else
		diagnosis_find(&d->said, FINDING_API_FOREIGN,
		    "Something else answers in place of the API, with status"
		    " %d.",
		    status);
	buf_done(&detail);
}

/* By .htaccess each name that ends like the script's reaches the API. */
static int
is_scripted(struct doctor *d, struct curl *c)
{
	static const char *const scripts[] = { "api.fcgi", "api.cgi",
		"parlor.cgi" };
	struct buf type = BUF_INIT;
	int found = 0;

	if (d->said.front == FRONT_NONE)
		return 0;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		(void)doctor_get(d, c, scripts[i], NULL);
		(void)curl_header(c, "Content-Type", &type);
		found |= strstr(buf_str(&type), "problem+json") != NULL;
	}
	(void)doctor_get(d, c, "nothing.here", NULL);
	(void)curl_header(c, "Content-Type", &type);
	buf_done(&type);
	return found && strstr(curl_body(c, NULL), "\"code\"") == NULL;
}

void
probe_api(struct doctor *d)
{
	struct curl c = { 0 };
	int status = doctor_get(d, &c, "api/v1/health", NULL);

	(void)curl_header(&c, "Server", &d->server);
	d->said.front = front_of(&d->server);
	if (check_health(d, &c)) {
		d->known = KNOWN_API;
		d->scripted = is_scripted(d, &c);
	} else
		say_refusal(d, &c, status);
	curl_close(&c);
}

void
probe_clock(struct doctor *d)
{
	struct curl c = { 0 };
	struct buf date = BUF_INIT;
	int64_t before = clock_wall(), after, theirs, off;
	struct tm tm = { 0 };

	(void)doctor_get(d, &c, "api/v1/health", NULL);
	after = clock_wall();
	(void)curl_header(&c, "Date", &date);
	if (strptime(buf_str(&date), "%a, %d %b %Y %H:%M:%S GMT", &tm) !=
	    NULL) {
		theirs = (int64_t)timegm(&tm) * MS_PER_S;
		off = theirs > after           ? theirs - after :
		    theirs + MS_PER_S < before ? theirs + MS_PER_S - before :
						 0;
		if (off > OFF_MAX_MS || off < -OFF_MAX_MS)
			diagnosis_find(&d->said, FINDING_CLOCK,
			    "The site's clock is %lld seconds %s this"
			    " machine's; tokens and times will be wrong.",
			    llabs(off) / MS_PER_S,
			    off > 0 ? "ahead of" : "behind");
	}
	buf_done(&date);
	curl_close(&c);
}

void
probe_encryption(struct doctor *d)
{
	if (strncmp(buf_str(&d->url), "http://", 7) == 0 && !doctor_is_local(d))
		diagnosis_find(&d->said, FINDING_PLAIN_HTTP,
		    "Tokens and messages travel unencrypted, because the"
		    " address begins with http.");
}

void
probe_metrics(struct doctor *d)
{
	static const char *const paths[] = { "metrics", "events/metrics" };
	struct curl c = { 0 };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (doctor_get(d, &c, paths[i], NULL) == 200 &&
		    strstr(curl_body(&c, NULL), "parlor_") != NULL) {
			if (d->said.front == FRONT_NONE && doctor_is_local(d))
				diagnosis_note(&d->said,
				    "the metrics can be read here, because no"
				    " web server is in front");
			else
				diagnosis_find(&d->said, FINDING_METRICS_OPEN,
				    "Anyone can read the metrics at %s/%s.",
				    buf_str(&d->url), paths[i]);
			break;
		}
	curl_close(&c);
}

/* Where people put the data by mistake. */
static const struct {
	const char *path, *holds;
	enum finding finding;
} secrets[] = {
	{ "parlor.db", "SQLite format 3", FINDING_DATABASE_OPEN },
	{ "data/parlor.db", "SQLite format 3", FINDING_DATABASE_OPEN },
	{ "var/parlor.db", "SQLite format 3", FINDING_DATABASE_OPEN },
	{ "parlor-data/parlor.db", "SQLite format 3", FINDING_DATABASE_OPEN },
	{ "parlor/data/parlor.db", "SQLite format 3", FINDING_DATABASE_OPEN },
	{ "bin/parlor.conf", "data", FINDING_SETTINGS_OPEN },
	{ "parlor.conf", "data", FINDING_SETTINGS_OPEN },
};

void
probe_data(struct doctor *d)
{
	struct curl c = { 0 };

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		int status =
		    doctor_get(d, &c, secrets[i].path, "Range: bytes=0-1023");
		const char *body = curl_body(&c, NULL);

		if ((status == 200 || status == 206) && body[0] != '<' &&
		    strstr(body, secrets[i].holds) != NULL)
			diagnosis_find(&d->said, secrets[i].finding,
			    "Anyone can read %s/%s.", buf_str(&d->url),
			    secrets[i].path);
	}
	curl_close(&c);
}

void
probe_http2(struct doctor *d)
{
	struct curl c = { 0 };
	struct buf url = BUF_INIT;

	(void)curl_ask(&c,
	    &(struct curl_request){
		.url = doctor_url(d, &url, "api/v1/health"), .http2 = 1 });
	if (curl_by_http2(&c)) {
		if (d->said.front == FRONT_APACHE && d->streaming)
			diagnosis_find(&d->said, FINDING_HTTP2,
			    "Apache speaks HTTP/2, under which a browser with"
			    " a few streams can hang.");
		else
			diagnosis_note(
			    &d->said, "%s speaks HTTP/2", doctor_front(d));
	}
	buf_done(&url);
	curl_close(&c);
}
