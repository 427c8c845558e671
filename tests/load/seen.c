#include "tests/load/seen.h"

enum { WINDOW = 64 };

enum seen_rc
seen_note(struct seen *s, uint32_t number)
{
	uint32_t behind, ahead;

	if (number >= s->next) {
		ahead = number - s->next + 1;
		s->recent = ahead < WINDOW ? s->recent << ahead | 1 : 1;
		s->next = number + 1;
		return SEEN_NEW;
	}
	behind = s->next - 1 - number;
	if (behind >= WINDOW || (s->recent >> behind & 1) != 0)
		return SEEN_AGAIN;
	s->recent |= (uint64_t)1 << behind;
	return SEEN_LATE;
}
