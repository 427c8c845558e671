#include "api/feed/protocol.h"

const struct protocol *const protocols_http[] = { &poll_protocol, &sse_protocol,
	&ndjson_protocol, NULL };
