#include "poller/tally.h"

#include "db/base/must.h"

enum { BUCKETS = 16384 };

struct entry {
	struct entry *next;
	uint64_t key;
	int64_t n;
};

struct tally {
	int64_t entries;
	struct entry *buckets[BUCKETS];
};

struct tally *
tally_open(void)
{
	return must_alloc(sizeof(struct tally));
}

void
tally_close(struct tally *t)
{
	must(t->entries == 0);
	free(t);
}

/* Where the entry of KEY is, or would be. */
static struct entry **
find(struct tally *t, uint64_t key)
{
	uint64_t h = key * 0x9e3779b97f4a7c15ULL;
	struct entry **e = &t->buckets[(h >> 40) % BUCKETS];

	while (*e != NULL && (*e)->key != key)
		e = &(*e)->next;
	return e;
}

int64_t
tally_of(struct tally *t, uint64_t key)
{
	const struct entry *e = *find(t, key);

	return e != NULL ? e->n : 0;
}

void
tally_add(struct tally *t, uint64_t key, int64_t n)
{
	struct entry **at = find(t, key), *e = *at;

	if (e == NULL) {
		e = *at = must_alloc(sizeof(*e));
		e->key = key;
		t->entries++;
	}
	e->n += n;
	must(e->n >= 0);
	if (e->n > 0)
		return;
	*at = e->next;
	t->entries--;
	free(e);
}
