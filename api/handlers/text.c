#include "api/access.h"
#include "api/handlers/sending.h"
#include "api/http/uri.h"
#include "db/base/must.h"
#include "db/chat/room_check.h"
#include "db/rows/json.h"
#include "db/rows/keys.h"
#include "db/text/names.h"
#include "db/text/text.h"

enum { TAGS_MAX = 8 };

/* What comes beside the text, each in a header or in the query. */
struct labels {
	struct buf title, tags, type, client_id;
};

struct texting {
	struct sending sending;
	const char *type; /* NULL: it depends on the caller */
	struct labels labels;
	struct buf content, title, tags; /* as they are stored */
};

static enum uri_rc
take(const struct call *call, const char *header, const char *name,
    struct buf *to)
{
	if (header == NULL || *header == '\0')
		return uri_param(call->query, name, to);
	buf_adds(to, header);
	return URI_OK;
}

/* 0; -1: the query is malformed. */
static int
read_labels(const struct call *call, struct labels *l)
{
	const struct request_headers *h = &call->request->headers;

	return take(call, h->title, "title", &l->title) == URI_BAD ||
		take(call, h->tags, "tags", &l->tags) == URI_BAD ||
		take(call, h->message_type, "type", &l->type) == URI_BAD ||
		take(call, h->idempotency_key, "client_id", &l->client_id) ==
		    URI_BAD ?
	    -1 :
	    0;
}

/* Reads the body: text may end with line breaks, which files do. */
static const char *
read_content(const struct request *r, struct buf *content)
{
	struct buf text = BUF_INIT;

	if (r->len > 0 && memchr(r->body, '\0', r->len) != NULL)
		return "must not hold control characters";
	if (r->len > 0)
		buf_add(&text, r->body, r->len);
	text_add_lines(buf_str(&text), content);
	buf_done(&text);
	while (content->len > 0 && content->p[content->len - 1] == '\n')
		content->p[--content->len] = '\0';
	return text_check_content(buf_str(content));
}

static const char *
read_title(const struct buf *sent, struct buf *title)
{
	if (sent->len == 0)
		return NULL;
	names_add_clean(buf_str(sent), title);
	return names_check_title(buf_str(sent));
}

/* Reads words with commas between them into a JSON array. */
static const char *
read_tags(struct buf *sent, struct buf *tags)
{
	char *next = sent->len > 0 ? sent->p : NULL, *word;
	struct buf clean = BUF_INIT;
	const char *why = NULL;
	int n = 0;

	while (why == NULL && (word = strsep(&next, ",")) != NULL) {
		buf_clear(&clean);
		names_add_clean(word, &clean);
		why = names_check_nickname(word);
		if (why == NULL && ++n > TAGS_MAX)
			why = "must be at most 8 words";
		buf_addc(tags, n == 1 ? '[' : ',');
		if (why == NULL)
			json_add_text(tags, buf_str(&clean));
	}
	if (n > 0)
		buf_addc(tags, ']');
	buf_done(&clean);
	return why;
}

/* Checks everything that was sent.  1; 0: REPLY says what is wrong. */
static int
read_all(struct texting *t, struct reply *reply)
{
	const struct call *call = t->sending.call;
	struct labels *l = &t->labels;
	const char *type = l->type.len > 0 ? buf_str(&l->type) : NULL;
	const char *id = l->client_id.len > 0 ? buf_str(&l->client_id) : NULL;
	const struct {
		const char *field, *why;
	} found[] = {
		{ "room",
		    call->room.id.n == 0 ?
			room_check_id(call->params[PARAM_ROOM]) :
			NULL },
		{ "content", read_content(call->request, &t->content) },
		{ "title", read_title(&l->title, &t->title) },
		{ "tags", read_tags(&l->tags, &t->tags) },
		{ "type", type != NULL ? sending_check_type(type) : NULL },
		{ "client_id",
		    id != NULL ? sending_check_client_id(id) : NULL },
	};

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		if (found[i].why != NULL) {
			*reply = reply_field(found[i].field, found[i].why);
			return 0;
		}
	t->type = type;
	t->sending.draft = (struct message_draft){
		.content = buf_str(&t->content),
		.title = t->title.len > 0 ? buf_str(&t->title) : NULL,
		.tags = t->tags.len > 0 ? buf_str(&t->tags) : NULL,
		.client_id = id,
	};
	return 1;
}

/* The room of the caller's key, which is there from the first message on. */
static enum db_rc
make_room(struct db *db, struct call *call)
{
	const struct settings *s = call->settings;
	struct room_draft draft = { .namespace = room_check_main,
		.owner = call->user,
		.capacity = s->room_capacity,
		.grace = s->room_grace_ms,
		.listed = ROOM_UNLISTED,
		.notices = NOTICES_ALL,
		.post = POST_MEMBERS };

	must(ids_read_room(call->params[PARAM_ROOM], &draft.name) == 0);
	return rooms_make(db, &draft, &call->room);
}

/* A service key that has not joined the room has an alert to send. */
static enum message_type
choose_type(const struct texting *t)
{
	const struct call *call = t->sending.call;
	int alerts = (call->scopes & KEY_ALERTS) != 0 && call->me.left;

	if (t->type != NULL)
		alerts = strcmp(t->type, "alert") == 0;
	return alerts ? MESSAGE_ALERT : MESSAGE_PLAIN;
}

static enum db_rc
post(struct db *db, void *arg)
{
	struct texting *t = arg;
	struct call *call = t->sending.call;
	enum db_rc rc = DB_OK;

	t->sending.draft.type = choose_type(t);
	if (call->room.id.n == 0)
		rc = make_room(db, call);
	if (rc == DB_OK)
		rc = sending_send(db, &t->sending);
	/* As for JSON: a key is told what it lacks. */
	if (rc == DB_CONFLICT && call->key.n != 0 &&
	    t->sending.why == PROBLEM_NOT_IN_ROOM)
		t->sending.why = PROBLEM_KEY_CANNOT_SPEAK;
	return rc;
}

struct reply
text_post(struct call *call)
{
	struct texting t = { .sending = { .call = call } };
	struct reply reply;

	if (read_labels(call, &t.labels) != 0)
		reply = reply_problem(PROBLEM_MALFORMED_REQUEST);
	else if (read_all(&t, &reply))
		reply = sending_reply(
		    &t.sending, access_write(call, post, &t, &t.sending.why));
	buf_done(&t.labels.title);
	buf_done(&t.labels.tags);
	buf_done(&t.labels.type);
	buf_done(&t.labels.client_id);
	buf_done(&t.content);
	buf_done(&t.title);
	buf_done(&t.tags);
	return reply;
}
