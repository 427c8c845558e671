#include "poller/ring.h"

#include "db/base/must.h"

enum { BUCKETS_FIRST = 1024, FRAMES_FIRST = 4 };

struct ring {
	char epoch[EPOCH_LEN + 1];
	struct channel **buckets;
	size_t n_buckets, n_channels;
	struct frame **frames; /* circular, of MAX_FRAMES places */
	size_t max_frames, max_bytes;
	size_t first, n, bytes;
	int64_t floor;
};

static size_t
hash(struct scope scope)
{
	uint64_t h = (uint64_t)scope.id * 2 + scope.type;

	h ^= h >> 31;
	h *= 0x9e3779b97f4a7c15ULL;
	return (size_t)(h ^ h >> 29);
}

struct ring *
ring_open(size_t max_frames, size_t max_bytes, const char *epoch)
{
	struct ring *r = must_alloc(sizeof(*r));

	(void)snprintf(r->epoch, sizeof(r->epoch), "%s", epoch);
	r->max_frames = max_frames;
	r->max_bytes = max_bytes;
	r->frames = must_alloc(max_frames * sizeof(struct frame *));
	r->n_buckets = BUCKETS_FIRST;
	r->buckets = must_alloc(r->n_buckets * sizeof(struct channel *));
	return r;
}

static struct channel **
place(const struct ring *r, struct scope scope)
{
	struct channel **c = &r->buckets[hash(scope) & (r->n_buckets - 1)];

	while (*c != NULL &&
	    ((*c)->scope.id != scope.id || (*c)->scope.type != scope.type))
		c = &(*c)->next;
	return c;
}

static void
grow(struct ring *r)
{
	struct channel **old = r->buckets;
	size_t n = r->n_buckets;

	r->n_buckets = n * 2;
	r->buckets = must_alloc(r->n_buckets * sizeof(struct channel *));
	for (size_t i = 0; i < n; i++)
		for (struct channel *c = old[i], *next; c != NULL; c = next) {
			struct channel **to =
			    &r->buckets[hash(c->scope) & (r->n_buckets - 1)];

			next = c->next;
			c->next = *to;
			*to = c;
		}
	free(old);
}

static struct channel *
channel(struct ring *r, struct scope scope)
{
	struct channel **at;

	if (r->n_channels >= r->n_buckets)
		grow(r);
	at = place(r, scope);
	if (*at == NULL) {
		*at = must_alloc(sizeof(**at));
		(*at)->scope = scope;
		LIST_INIT(&(*at)->readers);
		r->n_channels++;
	}
	return *at;
}

/* A channel lives while it has readers or frames. */
static void
forget_if_unused(struct ring *r, struct channel *c)
{
	if (c->n > 0 || !LIST_EMPTY(&c->readers) || c->is_touched)
		return;
	*place(r, c->scope) = c->next;
	r->n_channels--;
	free(c->frames);
	free(c);
}

static void
push(struct channel *c, struct frame *f)
{
	if (c->n == c->room) {
		size_t room = c->room > 0 ? c->room * 2 : FRAMES_FIRST;
		struct frame **frames = must_alloc(room * sizeof(*frames));

		for (size_t i = 0; i < c->n; i++)
			frames[(c->base + i) & (room - 1)] =
			    c->frames[(c->base + i) & (c->room - 1)];
		free(c->frames);
		c->frames = frames;
		c->room = room;
	}
	c->frames[(c->base + c->n++) & (c->room - 1)] = f;
}

static size_t
cost(const struct frame *f)
{
	size_t bytes = sizeof(*f) + f->data.room;

	for (size_t i = 0; i < N_PROTOCOLS; i++)
		bytes += f->texts[i].room;
	return bytes;
}

static void
clear(struct frame *f)
{
	buf_done(&f->data);
	for (size_t i = 0; i < N_PROTOCOLS; i++)
		buf_done(&f->texts[i]);
}

static struct frame *
at(const struct ring *r, size_t i)
{
	return r->frames[(r->first + i) % r->max_frames];
}

/* The index of the first frame from SEQ on; N when there is none. */
static size_t
find(const struct ring *r, int64_t seq)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (at(r, middle)->seq >= seq)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* F is out of date: its readers go on from the store. */
static void
empty(struct ring *r, struct frame *f)
{
	struct channel *c = *place(r, f->scope);

	c->good = c->base + c->n;
	r->bytes -= cost(f);
	clear(f);
	r->bytes += cost(f);
}

/*
 * In E's scope every frame from the rewritten event on may be wrong, and so may
 * frames of personal queues directly after those.  If the whole scope ends, any
 * queue's frame may be wrong.
 */
static void
erase(struct ring *r, const struct event *e)
{
	int whole = e->ends == EVENT_ENDS_ALL, behind = 1;

	for (size_t i = find(r, e->rewrote); i < r->n; i++) {
		struct frame *f = at(r, i);
		int queue = f->scope.type == SCOPE_USER;
		int same = f->scope.id == e->scope.id &&
		    f->scope.type == e->scope.type;

		behind = behind && (same || queue);
		if (same || behind || (whole && queue))
			empty(r, f);
	}
}

static void
drop_oldest(struct ring *r)
{
	struct frame *f = r->frames[r->first];
	struct channel *c = *place(r, f->scope);

	must(c != NULL && c->n > 0 && c->frames[c->base & (c->room - 1)] == f);
	c->base++;
	c->n--;
	forget_if_unused(r, c);
	r->first = (r->first + 1) % r->max_frames;
	r->n--;
	r->bytes -= cost(f);
	ring_raise_floor(r, f->seq);
	clear(f);
	free(f);
}

static struct frame *
make(const struct event *e)
{
	struct frame *f = must_alloc(sizeof(*f));

	f->seq = e->seq;
	f->scope = e->scope;
	f->ends = e->ends;
	(void)snprintf(f->kind, sizeof(f->kind), "%s", e->kind);
	buf_add(&f->data, e->data, e->len);
	return f;
}

void
ring_append(struct ring *r, const struct event *e, struct channels *touched)
{
	struct frame *f = make(e);
	struct channel *c;

	while (r->n > 0 &&
	    (r->n == r->max_frames || r->bytes + cost(f) > r->max_bytes))
		drop_oldest(r);
	c = channel(r, e->scope);
	if (e->rewrote != 0)
		erase(r, e);
	push(c, f);
	r->frames[(r->first + r->n++) % r->max_frames] = f;
	r->bytes += cost(f);
	if (!c->is_touched && !LIST_EMPTY(&c->readers)) {
		c->is_touched = 1;
		STAILQ_INSERT_TAIL(touched, c, touched);
	}
}

void
ring_trim(struct ring *r)
{
	while (r->n > 0 && r->bytes > r->max_bytes)
		drop_oldest(r);
}

void
ring_fanned_out(struct ring *r, struct channel *c)
{
	c->is_touched = 0;
	forget_if_unused(r, c);
}

void
ring_close(struct ring *r)
{
	if (r == NULL)
		return;
	while (r->n > 0)
		drop_oldest(r);
	must(r->n_channels == 0);
	free(r->frames);
	free(r->buckets);
	free(r);
}

int64_t
ring_floor(const struct ring *r)
{
	return r->floor;
}

void
ring_raise_floor(struct ring *r, int64_t seq)
{
	if (seq > r->floor)
		r->floor = seq;
}

size_t
ring_frames(const struct ring *r)
{
	return r->n;
}

size_t
ring_bytes(const struct ring *r)
{
	return r->bytes;
}

void
ring_subscribe(struct ring *r, struct scope scope, struct reading *reading)
{
	reading->channel = channel(r, scope);
	reading->pos = reading->channel->base + reading->channel->n;
	LIST_INSERT_HEAD(&reading->channel->readers, reading, entry);
}

void
ring_unsubscribe(struct ring *r, struct reading *reading)
{
	LIST_REMOVE(reading, entry);
	forget_if_unused(r, reading->channel);
	reading->channel = NULL;
}

void
ring_move(struct reading *from, struct reading *to)
{
	LIST_INSERT_BEFORE(from, to, entry);
	LIST_REMOVE(from, entry);
}

void
ring_seek(struct reading *reading, int64_t after)
{
	const struct channel *c = reading->channel;
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c->frames[(c->base + middle) & (c->room - 1)]->seq > after)
			high = middle;
		else
			low = middle + 1;
	}
	reading->pos = c->base + low;
}

int
ring_passed(const struct reading *reading)
{
	const struct channel *c = reading->channel;

	return reading->pos < c->base || reading->pos < c->good;
}

struct frame *
ring_peek(const struct reading *reading, uint64_t skip)
{
	const struct channel *c = reading->channel;
	uint64_t at = reading->pos + skip;

	must(at >= c->base);
	return at < c->base + c->n ? c->frames[at & (c->room - 1)] : NULL;
}

static void
make_text(struct ring *r, struct frame *f, const struct protocol *protocol)
{
	struct event e = { f->seq, f->scope, f->kind, buf_str(&f->data),
		f->data.len, f->ends, 0 };

	r->bytes -= cost(f);
	protocol->frame(&f->texts[protocol->number], r->epoch, &e);
	r->bytes += cost(f);
}

const struct buf *
ring_text(struct ring *r, struct frame *f, const struct protocol *protocol)
{
	struct buf *text = &f->texts[protocol->number];

	if (text->len == 0)
		make_text(r, f, protocol);
	return text;
}
