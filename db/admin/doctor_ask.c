/* What several probes ask, and read in answers. */
#include <jansson.h>

#include "db/admin/doctor.h"

const char *
doctor_url(const struct doctor *d, struct buf *to, const char *path)
{
	buf_clear(to);
	buf_addf(to, "%s/%s", buf_str(&d->url), path);
	return buf_str(to);
}

const char *
doctor_room_url(const struct doctor *d, struct buf *to, const char *path)
{
	const char *slot = strstr(path, "%s");

	doctor_url(d, to, "api/v1/");
	buf_add(to, path, slot != NULL ? (size_t)(slot - path) : strlen(path));
	if (slot != NULL)
		buf_addf(to, "%s%s", buf_str(&d->room), slot + 2);
	return buf_str(to);
}

int
doctor_get(const struct doctor *d, struct curl *c, const char *path,
    const char *header)
{
	struct buf url = BUF_INIT;
	int status = curl_ask(c,
	    &(struct curl_request){
		.url = doctor_url(d, &url, path), .headers = { header } });

	buf_done(&url);
	return status;
}

void
doctor_field(const struct curl *c, const char *name, struct buf *to)
{
	size_t len;
	const char *body = curl_body(c, &len);
	json_t *json = json_loadb(body, len, 0, NULL);
	const char *text = json_string_value(json_object_get(json, name));

	buf_clear(to);
	if (text != NULL)
		buf_adds(to, text);
	json_decref(json);
}

const char *
doctor_front(const struct doctor *d)
{
	static const char *const names[] = {
		[FRONT_ANY] = "the web server",
		[FRONT_APACHE] = "Apache",
		[FRONT_NGINX] = "nginx",
		[FRONT_CADDY] = "Caddy",
		[FRONT_NONE] = "the poller",
	};

	return names[d->said.front];
}

int
doctor_is_local(const struct doctor *d)
{
	const char *host = strstr(buf_str(&d->url), "://") + 3;

	return strncmp(host, "127.", 4) == 0 ||
	    strncmp(host, "[::1]", 5) == 0 ||
	    (strncmp(host, "localhost", 9) == 0 &&
		(host[9] == '\0' || strchr(":/", host[9]) != NULL));
}

int
doctor_join(const struct doctor *d, struct curl *c, const char *nickname,
    const char *token)
{
	struct buf url = BUF_INIT, body = BUF_INIT;
	int status;

	buf_addf(&body, "{\"nickname\":\"%s\"}", nickname);
	status = curl_ask(c,
	    &(struct curl_request){
		.url = doctor_room_url(d, &url, "rooms/%s/chatters"),
		.headers = { "Content-Type: application/json", token },
		.body = buf_str(&body) });
	buf_done(&url);
	buf_done(&body);
	return status;
}

int
doctor_delete(struct curl *c, const char *url, const char *token)
{
	return curl_ask(c,
	    &(struct curl_request){
		.method = "DELETE", .url = url, .headers = { token } });
}
