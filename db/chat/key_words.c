#include "db/chat/key_words.h"

#include <string.h>

#include "db/rows/keys.h"

static const struct {
	enum key_scope bit;
	const char *word;
} scopes[] = {
	{ KEY_ROOMS, "rooms" },
	{ KEY_ALERTS, "alerts" },
	{ KEY_NOTIFICATIONS, "notifications" },
};

enum { N_SCOPES = sizeof(scopes) / sizeof(scopes[0]) };

unsigned
key_words_scope(const char *word)
{
	for (size_t i = 0; i < N_SCOPES; i++)
		if (strcmp(word, scopes[i].word) == 0)
			return scopes[i].bit;
	return 0;
}

void
key_words_add_scopes(unsigned bits, struct buf *to)
{
	const char *space = "";

	for (size_t i = 0; i < N_SCOPES; i++)
		if ((bits & scopes[i].bit) != 0) {
			buf_addf(to, "%s%s", space, scopes[i].word);
			space = " ";
		}
}

int
key_words_name_ok(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return name[len] == '\0' && len >= 1 && len <= KEY_WORDS_NAME_MAX;
}
