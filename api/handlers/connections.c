#include "api/access.h"
#include "api/call.h"
#include "db/chat/arrivals.h"

static enum db_rc
end(struct db *db, void *arg)
{
	struct call *call = arg;

	return arrivals_goodbye(db, call->user, call->params[PARAM_CONN]);
}

struct reply
connections_end(struct call *call)
{
	enum problem why = PROBLEM_NONE;
	enum db_rc rc = access_write(call, end, call, &why);

	return rc == DB_OK ? reply_empty(204) : reply_db(rc, why);
}
