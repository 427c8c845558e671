/*
 * lookalike: keys by which names that look the same collide.
 *
 * A name has three keys: the skeleton (UTS 39) of the name as it is written,
 * of the name folded (NFKC_Casefold), and of the folded name in capitals.  Two
 * names look the same if any key of one is any key of the other.  All are
 * needed: letters of two scripts often look alike in one case alone (the
 * Cyrillic capital M is a Latin one, the small one is not), and case does not
 * tell names apart.  In capitals, a character that is a form of a Latin letter
 * by its name alone counts as that letter.  Skeletons hold capitals ("0"
 * becomes "O"), so the result is folded and made a skeleton again.
 *
 * The skeleton of a capital I is a small l.  Since KIM equals kim, and KlM
 * looks like KIM, i and l count as one letter: Elia is refused beside Ella.
 *
 * A key holds letters, marks and digits alone, so a badge or a space does not
 * make a name different.  A name without any is its own key.  A letter that
 * ICU takes for punctuation, as Hebrew's yod for an apostrophe, remains a
 * letter.  Joiners, selectors and other ignorable characters make no
 * difference, nor does a dot above a letter that has its dot.
 *
 * Keys are stored, and they depend on these rules and on ICU's data.
 * LOOKALIKE_RULES is raised with each change here, and `parlor migrate` makes
 * stored keys anew when either has changed (db/chat/rekey.h).  Safe from any
 * thread.
 */
#ifndef DB_TEXT_LOOKALIKE_H
#define DB_TEXT_LOOKALIKE_H

#include "db/base/buf.h"

enum { LOOKALIKE_RULES = 2 };

enum { KEY_WRITTEN, KEY_FOLDED, KEY_CAPITAL, LOOKALIKE_KEYS };

struct lookalike {
	struct buf key[LOOKALIKE_KEYS];
};
#define LOOKALIKE_INIT                     \
	{                                  \
		{                          \
			{                  \
				NULL, 0, 0 \
			}                  \
		}                          \
	}

void lookalike_done(struct lookalike *);

/* Replaces the contents by the keys of NAME. */
void lookalike_keys(const char *name, struct lookalike *);

/*
 * The same in two steps: first the words of NAME, each a key, with one space
 * between two (nothing if the name has none); then the keys, which replace the
 * words.
 */
void lookalike_words(const char *name, struct lookalike *);
void lookalike_join(const char *name, struct lookalike *);

/* Whether two names with these keys look the same. */
int lookalike_meet(const struct lookalike *, const struct lookalike *);

/* Adds the versions that the keys depend on: of our rules, and of ICU. */
void lookalike_add_version(struct buf *);

#endif
