#include "db/base/gateway.h"

#include <stdlib.h>

#include "db/base/log.h"

int
gateway_is_cgi(void)
{
	/* Some servers omit the first, although RFC 3875 requires it. */
	return getenv("GATEWAY_INTERFACE") != NULL ||
	    getenv("REQUEST_METHOD") != NULL;
}

int
gateway_refuse_cgi(void)
{
	if (!gateway_is_cgi())
		return 0;
	log_error("this program is not for CGI; parlor-api is (unset"
		  " GATEWAY_INTERFACE and REQUEST_METHOD to run it by hand)",
	    "cgi=%d", 1);
	return -1;
}
