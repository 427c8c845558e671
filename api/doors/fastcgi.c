#include "api/doors/fastcgi.h"

#include <stdio.h>

#include "api/http/request.h"
#include "db/base/must.h"

enum {
	VERSION = 1,
	HEADER_LEN = 8,
	BODY_LEN = 8, /* of BEGIN_REQUEST, END_REQUEST and UNKNOWN_TYPE */
	RESPONDER = 1,
	LONG_LENGTH = 4, /* bytes of a length that is not below 128 */
	PART_MAX = 65528, /* content of a record: the most that needs no pad */
	/* Apache and nginx send up to 32 KB of headers by default, or less. */
	PARAMS_MAX = 65536,
	VARIABLES_MAX = 1024,
	CONTROL_MAX = 1024
};

enum type {
	BEGIN_REQUEST = 1,
	ABORT_REQUEST = 2,
	END_REQUEST = 3,
	PARAMS = 4,
	STDIN = 5,
	STDOUT = 6,
	DATA = 8,
	GET_VALUES = 9,
	GET_VALUES_RESULT = 10,
	UNKNOWN_TYPE = 11
};

enum end { COMPLETE = 0, CANNOT_MULTIPLEX = 1, UNKNOWN_ROLE = 3 };

static unsigned
two(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void
add_header(struct buf *b, enum type type, unsigned id, size_t content)
{
	const char header[HEADER_LEN] = { VERSION, (char)type, (char)(id >> 8),
		(char)id, (char)(content >> 8), (char)content };

	buf_add(b, header, sizeof(header));
}

static void
add_end(struct buf *b, unsigned id, enum end how)
{
	const char body[BODY_LEN] = { [4] = (char)how };

	add_header(b, END_REQUEST, id, sizeof(body));
	buf_add(b, body, sizeof(body));
}

void
fastcgi_add_answer(struct buf *b, unsigned id, const char *text, size_t len)
{
	while (len > 0) {
		size_t part = len < PART_MAX ? len : PART_MAX;

		add_header(b, STDOUT, id, part);
		buf_add(b, text, part);
		text += part;
		len -= part;
	}
	add_header(b, STDOUT, id, 0);
	add_end(b, id, COMPLETE);
}

/* Reads the length at *AT; -1: it goes beyond the end. */
static int
read_length(const struct buf *b, size_t *at, size_t *length)
{
	const unsigned char *p = (const unsigned char *)b->p + *at;
	size_t left = b->len - *at;

	if (left > 0 && p[0] < 128) {
		*length = p[0];
		*at += 1;
		return 0;
	}
	if (left < LONG_LENGTH)
		return -1;
	*length = (size_t)(p[0] & 127) << 24 | (size_t)p[1] << 16 | two(p + 2);
	*at += LONG_LENGTH;
	return 0;
}

/* The name and the value of a pair, where they stand in the buffer. */
struct pair {
	size_t name, name_len, value, value_len;
};

/* Reads the pair at *AT.  -1: it is malformed, or contains NUL. */
static int
read_pair(const struct buf *b, size_t *at, struct pair *p)
{
	size_t left;

	if (read_length(b, at, &p->name_len) != 0 ||
	    read_length(b, at, &p->value_len) != 0)
		return -1;
	left = b->len - *at;
	if (p->name_len > left || p->value_len > left - p->name_len)
		return -1;
	p->name = *at;
	p->value = *at + p->name_len;
	*at = p->value + p->value_len;
	left = p->name_len + p->value_len;
	return left == 0 || memchr(b->p + p->name, '\0', left) == NULL ? 0 : -1;
}

/*
 * Turns the pairs into C strings where they stand: the two lengths take as many
 * bytes as the NULs, or more.
 */
static int
decode(struct fastcgi_reader *r)
{
	struct buf *b = &r->params;
	size_t n = 0, to = 0;
	struct pair p;

	for (size_t at = 0; at < b->len; n++)
		if (n == VARIABLES_MAX || read_pair(b, &at, &p) != 0)
			return -1;
	r->variables = must_alloc((n + 1) * sizeof(*r->variables));
	r->n_variables = n;
	n = 0;
	for (size_t at = 0; at < b->len; n++) {
		struct fastcgi_variable *v = &r->variables[n];

		must(read_pair(b, &at, &p) == 0);
		*v = (struct fastcgi_variable){ b->p + to,
			b->p + to + p.name_len + 1, p.name_len };
		memmove(b->p + to, b->p + p.name, p.name_len);
		b->p[to + p.name_len] = '\0';
		to += p.name_len + 1;
		memmove(b->p + to, b->p + p.value, p.value_len);
		b->p[to + p.value_len] = '\0';
		to += p.value_len + 1;
	}
	return 0;
}

const char *
fastcgi_variable(const struct fastcgi_reader *r, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < r->n_variables; i++)
		if (r->variables[i].len == len &&
		    memcmp(r->variables[i].name, name, len) == 0)
			return r->variables[i].value;
	return NULL;
}

/* Answers a record GET_VALUES. */
static enum fastcgi_state
tell_values(struct fastcgi_reader *r)
{
	/* Nothing can be sent on a connection beside its request. */
	static const char name[] = "FCGI_MPXS_CONNS";
	size_t at = 0, len = sizeof(name) - 1;
	struct pair p;
	int asked = 0;

	while (at < r->control.len) {
		if (read_pair(&r->control, &at, &p) != 0)
			return FASTCGI_WRONG;
		asked |= p.name_len == len &&
		    memcmp(r->control.p + p.name, name, len) == 0;
	}
	add_header(&r->say, GET_VALUES_RESULT, 0, asked ? 2 + len + 1 : 0);
	if (asked) {
		buf_addc(&r->say, (char)len);
		buf_addc(&r->say, 1);
		buf_adds(&r->say, name);
		buf_addc(&r->say, '0');
	}
	return FASTCGI_MORE;
}

static enum fastcgi_state
end_management(struct fastcgi_reader *r, enum type type)
{
	const char body[BODY_LEN] = { (char)type };

	if (type == GET_VALUES)
		return tell_values(r);
	add_header(&r->say, UNKNOWN_TYPE, 0, sizeof(body));
	buf_add(&r->say, body, sizeof(body));
	return FASTCGI_MORE;
}

static enum fastcgi_state
begin_request(struct fastcgi_reader *r, unsigned id)
{
	if (r->control.len != BODY_LEN)
		return FASTCGI_WRONG;
	if (two((const unsigned char *)r->control.p) != RESPONDER) {
		add_end(&r->say, id, UNKNOWN_ROLE);
		return FASTCGI_ENDED;
	}
	r->id = id;
	return FASTCGI_MORE;
}

/* The end of a stream; only an empty record ends one. */
static enum fastcgi_state
end_stream(struct fastcgi_reader *r, enum type type)
{
	if (type == STDIN)
		return FASTCGI_WHOLE;
	r->complete = 1;
	return decode(r) == 0 ? FASTCGI_MORE : FASTCGI_WRONG;
}

static enum fastcgi_state
end_record(struct fastcgi_reader *r)
{
	enum type type = (enum type)r->header[1];
	unsigned id = two(r->header + 2);

	r->header_len = 0;
	if (id == 0)
		return end_management(r, type);
	if (r->id == 0)
		return begin_request(r, id);
	if (id != r->id && type == BEGIN_REQUEST)
		add_end(&r->say, id, CANNOT_MULTIPLEX);
	if (id != r->id)
		return FASTCGI_MORE;
	if (type == ABORT_REQUEST) {
		add_end(&r->say, id, COMPLETE);
		return FASTCGI_ENDED;
	}
	return two(r->header + 4) == 0 ? end_stream(r, type) : FASTCGI_MORE;
}

/* Whether a record of that type may come now. */
static int
is_expected(const struct fastcgi_reader *r, enum type type, unsigned id)
{
	if (id == 0)
		return type != BEGIN_REQUEST;
	if (r->id == 0)
		return type == BEGIN_REQUEST;
	return id != r->id || type == ABORT_REQUEST ||
	    type == (r->complete ? STDIN : PARAMS);
}

static enum fastcgi_state
begin_record(struct fastcgi_reader *r)
{
	unsigned id = two(r->header + 2);

	buf_clear(&r->control);
	r->content = two(r->header + 4);
	r->padding = r->header[6];
	if (r->header[0] != VERSION ||
	    !is_expected(r, (enum type)r->header[1], id))
		return FASTCGI_WRONG;
	if ((id == 0 || r->id == 0) && r->content > CONTROL_MAX)
		return FASTCGI_WRONG;
	return FASTCGI_MORE;
}

/* Keeps LEN bytes of the current record's content, or drops them. */
static enum fastcgi_state
keep(struct fastcgi_reader *r, const char *bytes, size_t len)
{
	unsigned id = two(r->header + 2);
	size_t room;

	if (id == 0 || r->id == 0) {
		buf_add(&r->control, bytes, len);
	} else if (id == r->id && r->header[1] == PARAMS) {
		if (r->params.len + len > PARAMS_MAX)
			return FASTCGI_LONG;
		buf_add(&r->params, bytes, len);
	} else if (id == r->id && r->header[1] == STDIN) {
		room = REQUEST_BODY_MAX + 1 - r->body.len;
		buf_add(&r->body, bytes, len < room ? len : room);
	}
	return FASTCGI_MORE;
}

/* Takes the next LEN bytes or fewer; gives their number. */
static size_t
take(struct fastcgi_reader *r, const char *bytes, size_t len,
    enum fastcgi_state *state)
{
	size_t n;

	if (r->header_len < HEADER_LEN) {
		n = HEADER_LEN - r->header_len;
		n = n < len ? n : len;
		memcpy(r->header + r->header_len, bytes, n);
		r->header_len += n;
		if (r->header_len < HEADER_LEN)
			return n;
		*state = begin_record(r);
	} else if (r->content > 0) {
		n = r->content < len ? r->content : len;
		r->content -= n;
		*state = keep(r, bytes, n);
	} else {
		n = r->padding < len ? r->padding : len;
		r->padding -= n;
	}
	if (*state == FASTCGI_MORE && r->content == 0 && r->padding == 0)
		*state = end_record(r);
	return n;
}

enum fastcgi_state
fastcgi_read(struct fastcgi_reader *r, const char *bytes, size_t len)
{
	enum fastcgi_state state = FASTCGI_MORE;

	while (len > 0 && state == FASTCGI_MORE) {
		size_t n = take(r, bytes, len, &state);

		bytes += n;
		len -= n;
	}
	return state;
}

size_t
fastcgi_memory(const struct fastcgi_reader *r)
{
	return r->params.room + r->body.room + r->say.room + r->control.room +
	    r->n_variables * sizeof(*r->variables);
}

void
fastcgi_done(struct fastcgi_reader *r)
{
	buf_done(&r->params);
	buf_done(&r->body);
	buf_done(&r->say);
	buf_done(&r->control);
	free(r->variables);
	*r = (struct fastcgi_reader){ 0 };
}
