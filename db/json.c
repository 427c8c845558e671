#include "db/json.h"

#include "db/base/must.h"

static int
add(const char *bytes, size_t len, void *buf)
{
	buf_add(buf, bytes, len);
	return 0;
}

void
json_put(json_t *value, struct buf *b)
{
	must(value != NULL);
	must(json_dump_callback(value, add, b, JSON_COMPACT) == 0);
	json_decref(value);
}
