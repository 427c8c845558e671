#include "db/chat/setup.h"

#include <stdio.h>

#include "db/base/origins.h"
#include "db/base/endpoint.h"
#include "db/base/log.h"
#include "db/chat/jwts.h"
#include "db/text/reserved.h"

static int
check_endpoint(const char *name, const char *value)
{
	struct endpoint e;
	const char *why = *value != '\0' ? endpoint_read(value, &e) : NULL;

	if (why != NULL)
		log_error("setting is not an address to listen on",
		    "name=%s value=\"%s\" why=\"%s\"", name, value, why);
	return why == NULL ? 0 : -1;
}

static int
check_api_listen(const char *value)
{
	struct endpoint e;

	if (check_endpoint("api_listen", value) != 0)
		return -1;
	if (*value == '\0' || endpoint_read(value, &e) != NULL ||
	    e.path != NULL)
		return 0;
	log_error("setting is not a unix socket; parlor-api listens only on"
		  " unix:/path",
	    "name=api_listen value=\"%s\"", value);
	return -1;
}

int
setup_check(const struct settings *s)
{
	int rc = jwts_setup(s);

	reserved_setup(s);
	if (origins_check(s->cors_origins) != 0)
		rc = -1;
	if (check_endpoint("listen", s->listen) != 0)
		rc = -1;
	if (check_api_listen(s->api_listen) != 0)
		rc = -1;
	return rc;
}

void
setup_say_usable(void)
{
	(void)puts("the settings can be used");
}

const char *
setup_api_at(const struct settings *s)
{
	return s->api_listen[0] != '\0' ? s->api_listen : s->listen;
}
