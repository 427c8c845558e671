#include "db/chat/room_check.h"

#include <string.h>

#include "db/rows/ids.h"
#include "db/rows/rooms.h"

const char room_check_main[] = "main";

const char *
room_check_id(const char *text)
{
	struct room_name name;

	return ids_read_room(text, &name) == 0 ?
	    NULL :
	    "must be 3 to 40 of a-z, 0-9 and -, and not begin or end with -";
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
