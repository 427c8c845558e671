#include "db/chat/room_check.h"

#include <string.h>

#include "db/rows/ids.h"
#include "db/rows/rooms.h"

const char room_check_main[] = "main";

/*
 * The first segments of addresses, which a room's short address must not be
 * (docs/URLS.md); a test compares them with the routes.
 */
static const char *const reserved[] = { "api", "events", "health", "metrics",
	"openapi", "raw", "rooms", "session", "tickets", "users", "admin",
	"assets", "embed", "static" };

const char *
room_check_id(const char *text)
{
	struct room_name name;

	if (ids_read_room(text, &name) != 0)
		return "must be 3 to 40 of a-z, 0-9 and -, and not begin or "
		       "end with -";
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(text, reserved[i]) == 0)
			return "is reserved for an address of the service";
	return NULL;
}

const char *
room_check_namespace(const char *text)
{
	static const char alnum[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(text);

	return len >= 1 && len <= NAMESPACE_MAX && strspn(text, all) == len &&
		strchr(alnum, text[0]) != NULL ?
	    NULL :
	    "must be 1 to 64 of a-z, 0-9, '.', '_' and '-', and begin with a "
	    "letter or digit";
}

const char *
room_check_notices(const char *text)
{
	enum notices notices;

	return rooms_read_notices(text, &notices) == 0 ?
	    NULL :
	    "must be all, quiet or off";
}

const char *
room_check_posting(const char *text)
{
	enum posting post;

	return rooms_read_posting(text, &post) == 0 ?
	    NULL :
	    "must be members or anyone";
}
