#include "api/feed/protocol.h"

const struct protocol *const protocols_http[] = {
#define PROTOCOL(name) &name##_protocol,
#include "api/feed/protocols.def"
#undef PROTOCOL
	NULL
};
