/* Streams: whether they flow, how long they live, how many there can be. */
#include "db/admin/doctor.h"

#include "db/base/clock.h"
#include "db/base/must.h"

enum {
	FIRST_MS = 5000, /* for the first event, and for a message */
	HEARTBEATS = 2,
	HB_SLACK_MS = 3000,
	HB_MOST_MS = 600000, /* as hb_ms may be */
	STREAM_S = 1300, /* two of the longest heartbeats are within it */
	PER_PERSON = 10, /* less than streams_per_token */
	STANDING_MS = 10000
};

static const char said[] = "the doctor speaks";

enum flow { FLOW_FINE, FLOW_ENDED, FLOW_HELD };

/* Reads until TEXT stands N times in the body, for at most MS. */
static enum flow
wait_for(struct curl *c, const char *text, int n, int64_t ms)
{
	int64_t until = clock_waits() + ms;

	for (;;) {
		const char *p = curl_body(c, NULL);
		enum curl_more more;
		int found = 0;

		while (curl_status(c) != 0 && (p = strstr(p, text)) != NULL) {
			found++;
			p += strlen(text);
		}
		if (found >= n)
			return FLOW_FINE;
		more = curl_more(c, until);
		if (more != CURL_DATA)
			return more == CURL_END ? FLOW_ENDED : FLOW_HELD;
	}
}

static int
open_stream(struct doctor *d, struct curl *c, const char *encoding)
{
	struct buf url = BUF_INIT;
	int rc;

	curl_close(c);
	doctor_url(d, &url, "events?as=sse&conn=doctor&rooms=");
	buf_adds(&url, buf_str(&d->room));
	rc = curl_open(c,
	    &(struct curl_request){ .url = buf_str(&url),
		.headers = { buf_str(&d->token), encoding },
		.limit_s = STREAM_S });
	buf_done(&url);
	return rc;
}

/* What the site passes through beyond its web server; "": nothing is seen. */
static void
add_way(const struct curl *c, struct buf *to)
{
	static const char *const marks[] = { "Via", "CF-RAY", "X-Varnish",
		"X-Cache", "X-Served-By" };
	struct buf value = BUF_INIT;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (curl_header(c, marks[i], &value) > 0)
			buf_addf(to, " A proxy has added %s: %s.", marks[i],
			    buf_str(&value));
	buf_done(&value);
}

static void
say_buffered(struct doctor *d, const struct curl *c)
{
	struct buf way = BUF_INIT;

	add_way(c, &way);
	if (d->said.front == FRONT_NGINX)
		buf_adds(&way, " proxy_buffering is on.");
	else if (d->scripted)
		buf_adds(&way, " mod_fcgid does that.");
	diagnosis_find(&d->said, FINDING_STREAM_BUFFERED,
	    "Streams arrive late: %s holds back what the poller sends.%s",
	    doctor_front(d), buf_str(&way));
	buf_done(&way);
}

/* The module of the web server that compresses by CODING. */
static const char *
module_of(const struct doctor *d, const char *coding)
{
	int brotli = strstr(coding, "br") != NULL;

	switch (d->said.front) {
	case FRONT_APACHE:
		return brotli ? "mod_brotli" : "mod_deflate";
	case FRONT_NGINX:
		return brotli ? "brotli" : "gzip";
	case FRONT_CADDY:
		return "encode";
	case FRONT_ANY:
	case FRONT_NONE:
		break;
	}
	return "something";
}

static int
say_if_compressed(struct doctor *d, const struct curl *c)
{
	struct buf coding = BUF_INIT;
	int found = curl_header(c, "Content-Encoding", &coding) > 0;

	if (found)
		diagnosis_find(&d->said, FINDING_STREAM_COMPRESSED,
		    "Streams are compressed (%s) and so held back:"
		    " %s of %s does that.",
		    buf_str(&coding), module_of(d, buf_str(&coding)),
		    doctor_front(d));
	buf_done(&coding);
	return found;
}

/* Opens a stream as a browser does, or else one that nobody may compress. */
static enum flow
begin_stream(struct doctor *d, struct curl *c)
{
	int64_t until = clock_waits() + FIRST_MS;

	if (open_stream(d, c, "Accept-Encoding: gzip, deflate, br") != 0)
		return FLOW_ENDED;
	while (curl_status(c) == 0 && curl_more(c, until) == CURL_DATA)
		continue;
	if ((say_if_compressed(d, c) || curl_status(c) == 0) &&
	    open_stream(d, c, "Accept-Encoding: identity") != 0)
		return FLOW_ENDED;
	return wait_for(c, "event: sync", 1, FIRST_MS);
}

static void
say_something(struct doctor *d)
{
	struct curl c = { 0 };
	struct buf url = BUF_INIT, body = BUF_INIT;

	buf_addf(&body, "{\"content\":\"%s\"}", said);
	(void)curl_ask(&c,
	    &(struct curl_request){
		.url = doctor_room_url(d, &url, "rooms/%s/messages"),
		.headers = { "Content-Type: application/json",
		    buf_str(&d->token) },
		.body = buf_str(&body) });
	buf_done(&url);
	buf_done(&body);
	curl_close(&c);
}

/* A stream that ended: by a poll, by a refusal, or broken off. */
static void
say_ended(struct doctor *d, const struct curl *c)
{
	struct buf detail = BUF_INIT;
	int status = curl_status(c);

	doctor_field(c, "detail", &detail);
	if (strstr(curl_body(c, NULL), "\"reason\":\"poll\"") == NULL)
		diagnosis_find(&d->said, FINDING_STREAM_REFUSED,
		    "/events gives no stream; it answers %d. %s%s", status,
		    buf_str(&detail), curl_trouble(c));
	else if (d->scripted)
		diagnosis_note(&d->said,
		    "visitors get polls, because the web server starts the"
		    " API and no poller answers");
	else
		diagnosis_find(&d->said, FINDING_POLLER_DOWN,
		    "The API answers in place of the poller, which does not"
		    " run or is full; visitors get polls.");
	buf_done(&detail);
}

static int64_t
number_in(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p != NULL ? strtoll(p + strlen(name), NULL, 10) : 0;
}

/* Waits in silence, where only heartbeats come. */
static void
watch_heartbeats(struct doctor *d, struct curl *c, int64_t first_ms)
{
	int64_t hb = number_in(curl_body(c, NULL), "\"hb_ms\":");
	int64_t from = clock_waits();
	enum flow flow = FLOW_FINE;

	if (hb < 0 || hb > HB_MOST_MS)
		hb = HB_MOST_MS;
	for (int n = 1; n <= HEARTBEATS && flow == FLOW_FINE; n++) {
		from = clock_waits();
		flow = wait_for(c, "event: hb", n, 2 * hb + HB_SLACK_MS);
	}
	if (flow == FLOW_HELD)
		say_buffered(d, c);
	else if (flow == FLOW_ENDED)
		diagnosis_find(&d->said, FINDING_STREAM_CUT,
		    "%s cuts streams off after %.1f s of silence, before the"
		    " heartbeat that the poller sends every %.1f s.",
		    doctor_front(d), (double)(clock_waits() - from) / 1000,
		    (double)hb / 1000);
	else
		diagnosis_note(&d->said,
		    "a stream begins after %lld ms, and its heartbeats, every"
		    " %.1f s, get through",
		    (long long)first_ms, (double)hb / 1000);
}

void
probe_stream(struct doctor *d)
{
	struct curl c = { 0 };
	int64_t from = clock_waits(), first_ms;
	enum flow flow = begin_stream(d, &c);
	int polled;

	first_ms = clock_waits() - from;
	if (flow == FLOW_FINE) {
		say_something(d);
		flow = wait_for(&c, said, 1, FIRST_MS);
	}
	polled = strstr(curl_body(&c, NULL), "\"reason\":\"poll\"") != NULL;
	d->streaming = flow != FLOW_ENDED && !polled;
	if (flow == FLOW_HELD)
		say_buffered(d, &c);
	else if (flow == FLOW_FINE ||
	    (!polled && strstr(curl_body(&c, NULL), "event: sync") != NULL))
		watch_heartbeats(d, &c, first_ms);
	else
		say_ended(d, &c);
	curl_close(&c);
}

void
probe_websocket(struct doctor *d)
{
	struct curl c = { 0 };
	struct buf url = BUF_INIT;
	int64_t until = clock_waits() + FIRST_MS;
	int status;

	if (!d->streaming)
		return;
	doctor_url(d, &url, "events?as=ws&conn=doctor-ws");
	if (curl_open(&c,
		&(struct curl_request){ .url = buf_str(&url),
		    .headers = { buf_str(&d->token), "Connection: Upgrade",
			"Upgrade: websocket", "Sec-WebSocket-Version: 13",
			"Sec-WebSocket-Key: cGFybG9yIGRvY3RvciAgIQ==" } }) == 0)
		while (
		    curl_status(&c) == 0 && curl_more(&c, until) == CURL_DATA)
			continue;
	status = curl_status(&c);
	if (status != 101)
		diagnosis_find(&d->said, FINDING_WEBSOCKET,
		    "WebSocket does not get through: %s answers %d%s.",
		    doctor_front(d), status,
		    status == 426 ? ", because a proxy removed the header"
				    " Upgrade" :
				    "");
	buf_done(&url);
	curl_close(&c);
}

/* One person of the crowd, with PER_PERSON streams. */
struct visitor {
	struct curl streams;
	struct buf token; /* as the line X-Parlor-Token */
};

/* Opens N streams of a new person: FLOW_FINE if all have begun. */
static enum flow
add_visitor(struct doctor *d, struct visitor *v, int number, int n)
{
	struct buf nickname = BUF_INIT, token = BUF_INIT, url = BUF_INIT;
	struct curl c = { 0 };
	enum flow flow = FLOW_ENDED;

	buf_addf(&nickname, "doctor %d", number);
	(void)doctor_join(d, &c, buf_str(&nickname), NULL);
	doctor_field(&c, "token", &token);
	if (token.len > 0) {
		buf_addf(&v->token, "X-Parlor-Token: %s", buf_str(&token));
		doctor_url(d, &url, "events?as=sse&rooms=");
		buf_adds(&url, buf_str(&d->room));
		if (curl_open(&v->streams,
			&(struct curl_request){ .url = buf_str(&url),
			    .headers = { buf_str(&v->token) },
			    .copies = n,
			    .limit_s = STREAM_S }) == 0)
			flow = wait_for(
			    &v->streams, "event: sync", n, STANDING_MS);
	}
	buf_done(&nickname);
	buf_done(&token);
	buf_done(&url);
	curl_close(&c);
	return flow;
}

static int
still_answers(struct doctor *d)
{
	struct curl c = { 0 };
	int status = doctor_get(d, &c, "api/v1/health", NULL);

	curl_close(&c);
	return status == 200;
}

/* Opens streams in portions until the site stands still; how many it bore. */
static int64_t
gather(struct doctor *d, struct visitor *crowd, int n)
{
	int64_t open = 0;

	for (int i = 0; i < n && open < d->streams; i++) {
		int64_t left = d->streams - open;
		int portion = left < PER_PERSON ? (int)left : PER_PERSON;

		if (add_visitor(d, &crowd[i], i + 1, portion) != FLOW_FINE ||
		    !still_answers(d))
			break;
		open += portion;
	}
	return open;
}

void
probe_crowd(struct doctor *d)
{
	int n = (int)(d->streams + PER_PERSON - 1) / PER_PERSON;
	struct visitor *crowd = must_alloc((size_t)n * sizeof(*crowd));
	struct buf me = BUF_INIT;
	struct curl c = { 0 };
	int64_t open;

	memset(crowd, 0, (size_t)n * sizeof(*crowd));
	open = d->streaming ? gather(d, crowd, n) : d->streams;
	for (int i = 0; i < n; i++)
		curl_close(&crowd[i].streams);
	if (open < d->streams)
		diagnosis_find(&d->said, FINDING_STANDSTILL,
		    "With %lld streams open, %s gave no more, or no longer"
		    " answered other requests.",
		    (long long)open, doctor_front(d));
	else if (d->streaming)
		diagnosis_note(&d->said, "%lld streams at once are no trouble",
		    (long long)open);
	doctor_room_url(d, &me, "me");
	for (int i = 0; i < n; i++) {
		if (crowd[i].token.len > 0)
			(void)doctor_delete(
			    &c, buf_str(&me), buf_str(&crowd[i].token));
		buf_done(&crowd[i].token);
	}
	curl_close(&c);
	buf_done(&me);
	free(crowd);
}
