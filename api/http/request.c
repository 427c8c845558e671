#include "api/http/request.h"

#include <string.h>

#include "db/base/must.h"

static const char *const methods[METHOD_OTHER] = {
	[METHOD_GET] = "GET",
	[METHOD_POST] = "POST",
	[METHOD_PUT] = "PUT",
	[METHOD_PATCH] = "PATCH",
	[METHOD_DELETE] = "DELETE",
	[METHOD_HEAD] = "HEAD",
	[METHOD_OPTIONS] = "OPTIONS",
};

enum method
request_method(const char *text)
{
	for (int i = 0; i < METHOD_OTHER; i++)
		if (strcmp(text, methods[i]) == 0)
			return (enum method)i;
	return METHOD_OTHER;
}

const char *
request_method_name(enum method method)
{
	must(method < METHOD_OTHER);
	return methods[method];
}

int
request_is_preflight(const struct request *r)
{
	return r->method == METHOD_OPTIONS &&
	    r->headers.preflight_method != NULL;
}
