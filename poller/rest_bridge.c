#include "poller/rest_bridge.h"

#include <errno.h>
#include <unistd.h>

#include "api/api.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "poller/client_addr.h"

struct rest_bridge {
	struct api api;
};

struct rest_bridge *
rest_bridge_open(struct store *store, const struct settings *settings)
{
	struct rest_bridge *b = must_alloc(sizeof(*b));
	struct buf page = BUF_INIT;

	buf_addf(&page, "%s/index.html", settings->www);
	if (access(buf_str(&page), R_OK) != 0)
		log_warn("page not found; set www to its directory",
		    "path=\"%s\" error=\"%s\"", buf_str(&page),
		    strerror(errno));
	buf_done(&page);
	b->api = (struct api){ store, settings, .reaped = 1 };
	return b;
}

void
rest_bridge_close(struct rest_bridge *b)
{
	free(b);
}

enum MHD_Result
rest_bridge_answer(struct exchange *x)
{
	struct buf address = BUF_INIT;
	struct request request;
	struct reply reply;

	client_addr_add(x, &address);
	request = exchange_request(x, buf_str(&address));
	reply = api_handle_normal(&x->service->rest->api, &request);
	buf_done(&address);
	return exchange_reply(x, &reply);
}
