/*
 * lookalike: which names people take for the same.
 *
 * A name has two keys: the skeleton (UTS 39) of the name as it is written, and
 * that of the name folded (NFKC_Casefold).  Two names look the same if either
 * key of one is either key of the other.  Both are needed: a Cyrillic capital
 * can look like a Latin letter while the small one does not, and folding loses
 * that; without folding, case would tell names apart.  Skeletons hold capitals
 * ("0" becomes "O"), so what comes out is folded and made a skeleton again.
 * The skeleton of a capital I is a small l, so i and l are one here.
 *
 * A key holds letters, marks and digits alone, so a badge or a space makes no
 * other name.  A name without any is its own key.  A letter that ICU takes for
 * punctuation, as Hebrew's yod for an apostrophe, remains a letter.  Joiners,
 * selectors and other ignorable characters make no difference, nor does a dot
 * above a letter that has its dot.
 *
 * Keys are stored; what they are depends on these rules and on ICU's data.
 * LOOKALIKE_RULES is raised with each change here, and `parlor migrate` makes
 * stored keys anew when either has changed (db/rekey.h).  Safe from any thread.
 */
#ifndef DB_LOOKALIKE_H
#define DB_LOOKALIKE_H

#include "db/base/buf.h"

enum { LOOKALIKE_RULES = 1 };

struct lookalike {
	struct buf written, folded;
};
#define LOOKALIKE_INIT             \
	{                          \
		{ NULL, 0, 0 },    \
		{                  \
			NULL, 0, 0 \
		}                  \
	}

void lookalike_done(struct lookalike *);

/* Both keys of NAME, in place of what was there. */
void lookalike_keys(const char *name, struct lookalike *);

/*
 * The same in two steps: first the words of NAME, each a key, with one space
 * between two (nothing if the name has none); then the keys in their place.
 */
void lookalike_words(const char *name, struct lookalike *);
void lookalike_join(const char *name, struct lookalike *);

/* Adds what the keys depend on: our rules, and the version of ICU. */
void lookalike_add_version(struct buf *);

#endif
