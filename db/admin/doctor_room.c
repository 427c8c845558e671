/* What needs a room of one's own: tokens, methods, other origins. */
#include "db/admin/doctor.h"

#include "db/base/clock.h"

enum { ROOM_LIFE_MS = 3600000 };

static void
say_refused(struct doctor *d, const struct curl *c, const char *what)
{
	struct buf detail = BUF_INIT;

	doctor_field(c, "detail", &detail);
	diagnosis_find(&d->said, FINDING_ROOM_REFUSED,
	    "%s answered %d, so streams and tokens were not looked at. %s%s",
	    what, curl_status(c), buf_str(&detail), curl_trouble(c));
	buf_done(&detail);
}

/* Reads {"room":{"id":...},"token":...}. */
static int
take_room(struct doctor *d, const struct curl *c)
{
	size_t len;
	const char *body = curl_body(c, &len), *id, *token;
	json_t *json = json_loadb(body, len, 0, NULL);
	int rc = json_unpack(
	    json, "{s:{s:s},s:s}", "room", "id", &id, "token", &token);

	if (rc == 0) {
		buf_adds(&d->room, id);
		buf_addf(&d->token, "X-Parlor-Token: %s", token);
	}
	json_decref(json);
	return rc;
}

/* A room that nobody sees, and that ends by itself if the doctor does not. */
void
probe_room(struct doctor *d)
{
	struct curl c = { 0 };
	struct buf url = BUF_INIT, body = BUF_INIT;

	buf_adds(&body,
	    "{\"title\":\"parlor doctor\",\"listed\":false,"
	    "\"notices\":\"off\",\"capacity\":1000,\"expires_at\":\"");
	clock_add_rfc3339(&body, clock_wall() + ROOM_LIFE_MS);
	buf_adds(&body, "\"}");
	(void)curl_ask(&c,
	    &(struct curl_request){ .url = doctor_room_url(d, &url, "rooms"),
		.headers = { "Content-Type: application/json" },
		.body = buf_str(&body) });
	if (take_room(d, &c) != 0) {
		say_refused(d, &c, "Creating a room");
	} else {
		int status = doctor_join(d, &c, "doctor", buf_str(&d->token));

		if (status == 200 || status == 201)
			d->known = KNOWN_ROOM;
		else
			say_refused(d, &c, "Joining a room");
	}
	buf_done(&url);
	buf_done(&body);
	curl_close(&c);
}

/* Elsewhere the doctor sends its token in a header that nothing removes. */
void
probe_authorization(struct doctor *d)
{
	struct curl c = { 0 };
	struct buf header = BUF_INIT;

	buf_addf(&header, "Authorization: Bearer %s",
	    buf_str(&d->token) + strlen("X-Parlor-Token: "));
	if (doctor_get(d, &c, "api/v1/me", buf_str(&header)) == 401)
		diagnosis_find(&d->said, FINDING_AUTHORIZATION,
		    "The header Authorization does not reach the API:"
		    " something on the way removes it.");
	if (doctor_get(d, &c, "events?as=json&wait=0", buf_str(&header)) ==
		401 &&
	    !d->scripted)
		diagnosis_find(&d->said, FINDING_AUTHORIZATION_EVENTS,
		    "The header Authorization does not reach the poller:"
		    " something on the way removes it.");
	buf_done(&header);
	curl_close(&c);
}

static void
say_method(struct doctor *d, const char *method, int status)
{
	diagnosis_find(&d->said, FINDING_METHODS,
	    "%s lets no %s through; it answers %d. Renaming, deleting and"
	    " leaving will fail.",
	    doctor_front(d), method, status);
}

void
probe_methods(struct doctor *d)
{
	static const char *const methods[] = { "PATCH", "PUT", "DELETE" };
	struct curl c = { 0 };
	struct buf url = BUF_INIT, type = BUF_INIT;

	doctor_room_url(d, &url, "rooms/%s/messages/1");
	/* The API's own refusal is a problem in JSON. */
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		int status = curl_ask(&c,
		    &(struct curl_request){ .method = methods[i],
			.url = buf_str(&url),
			.headers = { buf_str(&d->token),
			    "Content-Type: application/json" },
			.body = "{}" });

		(void)curl_header(&c, "Content-Type", &type);
		if (status >= 300 &&
		    strstr(buf_str(&type), "problem+json") == NULL) {
			say_method(d, methods[i], status);
			break;
		}
	}
	buf_done(&url);
	buf_done(&type);
	curl_close(&c);
}

/* Looks at the last answer; WHAT was asked for.  1: something is wrong. */
static int
check_origin(struct doctor *d, const struct curl *c, const char *what)
{
	struct buf allowed = BUF_INIT;
	int n = curl_header(c, "Access-Control-Allow-Origin", &allowed), bad;

	bad = n != 1 ||
	    (strcmp(buf_str(&allowed), d->origin) != 0 &&
		strcmp(buf_str(&allowed), "*") != 0);
	if (n > 1)
		diagnosis_find(&d->said, FINDING_CORS_TWICE,
		    "%s has Access-Control-Allow-Origin twice: the web server"
		    " adds its own, and browsers then accept neither.",
		    what);
	else if (bad)
		diagnosis_find(&d->said, FINDING_CORS,
		    "%s does not allow pages of %s.", what, d->origin);
	buf_done(&allowed);
	return bad;
}

void
probe_origin(struct doctor *d)
{
	struct curl c = { 0 };
	struct buf origin = BUF_INIT, url = BUF_INIT;

	buf_addf(&origin, "Origin: %s", d->origin);
	(void)doctor_get(d, &c, "api/v1/health", buf_str(&origin));
	if (check_origin(d, &c, "The API"))
		goto out;
	(void)curl_ask(&c,
	    &(struct curl_request){ .method = "OPTIONS",
		.url = doctor_url(d, &url, "api/v1/me"),
		.headers = { buf_str(&origin),
		    "Access-Control-Request-Method: GET",
		    "Access-Control-Request-Headers: authorization" } });
	if (check_origin(d, &c, "The answer to OPTIONS"))
		goto out;
	(void)curl_ask(&c,
	    &(struct curl_request){
		.url = doctor_url(d, &url, "events?as=json&wait=0"),
		.headers = { buf_str(&origin), buf_str(&d->token) } });
	(void)check_origin(d, &c, "/events");
out:
	buf_done(&origin);
	buf_done(&url);
	curl_close(&c);
}

void
probe_leave(struct doctor *d)
{
	struct curl c = { 0 };
	struct buf url = BUF_INIT;

	doctor_room_url(d, &url, "rooms/%s");
	if (doctor_delete(&c, buf_str(&url), buf_str(&d->token)) >= 300)
		diagnosis_note(&d->said,
		    "the room %s was not removed; it ends within an hour",
		    buf_str(&d->room));
	doctor_room_url(d, &url, "me");
	(void)doctor_delete(&c, buf_str(&url), buf_str(&d->token));
	buf_done(&url);
	curl_close(&c);
}
