/* The REST API: routes, bodies and what is answered before a handler runs. */
const API = "api/api.c";
const ROUTER = "api/router.c";
const ACCESS = "api/access.c";
const ONCE = "db/chat/repeats.c";
const JOINS = "api/handlers/joins.c";
const RIGHTS = "api/rights.def";
const BODY = "api/http/body.c";
const MEDIA = "api/http/media.c";

const CONNECTIONS = "api/doors/connections.c";
const FASTCGI = "api/doors/fastcgi.c";
const QUEUE = "api/doors/request_queue.c";

export default [
  {
    name: "a request is handled before its body has ended", file: FASTCGI, by: ["unit/api_fastcgi", "e2e/doors"],
    old: "\tr->complete = 1;\n\treturn decode(r) == 0 ? FASTCGI_MORE : FASTCGI_WRONG;\n", now: "\tr->complete = 1;\n\treturn decode(r) == 0 ? FASTCGI_WHOLE : FASTCGI_WRONG;\n",
  },
  {
    name: "the bytes of variables have no bound", file: FASTCGI, by: ["unit/api_fastcgi"],
    old: "\t\tif (r->params.len + len > PARAMS_MAX)\n", now: "\t\tif (r->params.len > r->params.room)\n",
  },
  {
    name: "requests that are arriving have no bound", file: CONNECTIONS, by: ["unit/api_connections", "e2e/supervisor"],
    old: "cs->n_arriving > cs->arriving_max ||", now: "cs->n_arriving < 0 ||",
  },
  {
    name: "answers that nobody takes have no bound", file: CONNECTIONS, by: ["unit/api_connections"],
    old: "(t->until <= now || cs->leaving_bytes > LEAVING_BYTES))", now: "t->until <= now)",
  },
  {
    name: "a request that drips is waited for without end", file: CONNECTIONS, by: ["unit/api_connections", "e2e/supervisor"],
    old: "\tt->until = clock_lease() + cs->arriving_ms;\n", now: "\tt->until = INT64_MAX;\n",
  },
  {
    name: "a process accepts although its threads are busy", file: QUEUE, by: ["unit/api_connections"],
    old: "\troom = !q->full && !q->stopping;\n", now: "\troom = !q->stopping;\n",
  },
  {
    name: "the thread of the connections is never due", file: CONNECTIONS, by: ["e2e/supervisor"],
    old: "\tatomic_store(cs->due, now + rest + cs->hang_ms);\n", now: "\tatomic_store(cs->due, 0);\n",
  },
  {
    name: "a form of another site may write with a cookie", file: API, by: ["unit/api_dispatch", "e2e/cors", "e2e/identity"],
    old: "return (!call->known || call->caller.by_cookie) &&", now: "return !call->known &&",
  },
  {
    name: "a body of another charset is taken for JSON", file: MEDIA, by: ["unit/api_media", "unit/api_dispatch"],
    old: "\t\tif (is(name, len, \"charset\") &&\n", now: "\t\tif (is(name, len, \"codepage\") &&\n",
  },
  {
    name: "a body may be longer than its route says", file: API, by: ["unit/api_dispatch", "e2e/refusals"],
    old: "\tif (r->len > most)\n", now: "\tif (r->len > 2 * most)\n",
  },
  {
    name: "an origin that is not listed is served", file: API, by: ["unit/api_dispatch", "e2e/cors"],
    old: "\tif (call->cors.verdict == CORS_REFUSED)\n\t\treturn reply_problem(PROBLEM_ORIGIN_NOT_ALLOWED);\n", now: "",
  },
  {
    name: "a refused method does not say which are allowed", file: ROUTER, by: ["unit/api_dispatch", "e2e/refusals"],
    old: "\t\tif (fits(&attempt, routes[i].path, path))\n", now: "\t\tif (routes[i].path == path && fits(&attempt, path, path))\n",
  },
  {
    name: "HEAD is no GET", file: ROUTER, by: ["unit/api_dispatch", "e2e/connect"],
    old: "\tif (method == METHOD_HEAD)\n\t\tmethod = METHOD_GET;\n", now: "",
  },
  {
    name: "a refusal by rate does not say when to come again", file: API, by: ["unit/api_rates", "e2e/rates", "e2e/admission"],
    old: "\tif (call->wait > 0)\n", now: "\tif (call->wait < 0)\n",
  },
  {
    name: "the pace of a token bucket is counted twice", file: "db/chat/rate_limit.c", by: ["unit/db_rate_limit"],
    old: "\treturn rc == DB_OK ? rate_limits_set(db, key, next) : rc;\n", now: "\tnext += b->every_us;\n\treturn rc == DB_OK ? rate_limits_set(db, key, next) : rc;\n",
  },
  {
    name: "a scope of a key does not count", file: ACCESS, by: ["e2e/rights", "e2e/identity"],
    old: "\t\tif ((call->scopes & scopes[i].scope) == 0)\n", now: "\t\tif ((call->scopes & scopes[i].scope) != 0)\n",
  },
  {
    name: "one who has left is still a member", file: ACCESS, by: ["e2e/rights", "e2e/refusals"],
    old: "\treturn call->me.id.n != 0 ? LEFT : OUTSIDER;", now: "\treturn call->me.id.n != 0 ? MEMBER : OUTSIDER;",
  },
  {
    name: "a ban takes nothing from a caller", file: ACCESS, by: ["e2e/rights", "e2e/admission"],
    old: "\tif (rc == DB_OK)\n\t\ta->place = row[BANNED];\n", now: "",
  },
  {
    name: "joins of one key at the same time each make a person", file: "api/handlers/joins.c", by: ["e2e/admission"],
    old: "\tenum db_rc rc = find_joined(db, j);\n\n\tif (rc != DB_NONE)\n\t\treturn rc;\n\trc = seat(db, j, room);", now: "\tenum db_rc rc = seat(db, j, room);",
  },
  {
    name: "rights are not looked at again in the write", file: ACCESS, by: ["e2e/meanwhile"],
    old: "\t    (w->access.person != PROBLEM_NONE ||\n\t\tw->access.place != PROBLEM_NONE))", now: "\t    w->access.person != PROBLEM_NONE && w->access.place < 0)",
  },
  {
    name: "an anonymous key is known from every address of a network", file: ONCE, by: ["e2e/repeats"],
    old: "n < r->from.len; n++)", now: "n < r->from.len && n < 2; n++)",
  },
  {
    name: "the same key and body are the same person for ever", file: "db/chat/accounts.c", by: ["e2e/repeats"],
    old: "buf_addf(&text, \"token %lld \", (long long)user.n);", now: "buf_addf(&text, \"token %lld \", 0 * (long long)user.n);",
  },
  {
    name: "a member who joins again leaves a key behind", file: JOINS, by: ["e2e/repeats"],
    old: "\tif (rc == DB_OK && takes_seat(j->call))\n", now: "\tif (rc == DB_OK)\n",
  },
  {
    name: "whoever is in a room joins it at a rate", file: JOINS, by: ["e2e/repeats"],
    old: "\tif (!takes_seat(call) || (call->scopes & KEY_ROOMS) != 0)", now: "\tif ((call->scopes & KEY_ROOMS) != 0)",
  },
  {
    name: "goodbyes are kept without an end", file: "db/rows/disconnects.c", by: ["e2e/repeats"],
    old: "INT(DISCONNECTS_MAX)", now: "INT(1000 * DISCONNECTS_MAX)",
  },
  {
    name: "a stranger reads what is said in a room", file: RIGHTS, by: ["e2e/rights"],
    old: "RIGHT(READER,    TOKEN_REQUIRED, NOT_IN_ROOM, ", now: "RIGHT(READER,    TOKEN_REQUIRED, OK, ",
  },
  {
    name: "a member sees who is banned", file: RIGHTS, by: ["e2e/rights"],
    old: "MODERATOR_ONLY, MODERATOR_ONLY, MODERATOR_ONLY, MODERATOR_ONLY, MODERATOR_ONLY, OK,            OK,", now: "MODERATOR_ONLY, MODERATOR_ONLY, MODERATOR_ONLY, OK,             MODERATOR_ONLY, OK,            OK,",
  },
  {
    name: "a key with the wrong scope is told to take a seat, whatever is missing", file: ACCESS, by: ["e2e/rights"],
    old: "\t\twhy = found;\n", now: "\t\t(void)why;\n",
  },
  {
    name: "a key that has joined may do no more than its scopes say", file: ACCESS, by: ["e2e/rights", "e2e/identity"],
    old: "\tif (call->key.n != 0 && !seated && place != LANDLORD)\n", now: "\tif (call->key.n != 0)\n",
  },
  {
    name: "an empty object is a body", file: BODY, by: ["e2e/harmless"],
    old: "json_object_size(*body) > 0)", now: "*body != NULL)",
  },
  {
    name: "3.0 is no whole number", file: BODY, by: ["e2e/harmless"],
    old: "if (json_is_real(value) && real >= -EXACT &&", now: "if (json_is_real(value) && real > EXACT &&",
  },
  {
    name: "a byte order mark is no JSON", file: BODY, by: ["e2e/harmless"],
    old: "\tif (len >= sizeof(mark) - 1 && memcmp(", now: "\tif (len == 0 && memcmp(",
  },
  {
    name: "a compressed body is malformed", file: MEDIA, by: ["unit/api_media", "e2e/harmless"],
    old: "\treturn (len == 0 || is(coding, len, \"identity\")) &&", now: "\treturn (len == 0 || is(coding, len, coding)) &&",
  },
  {
    name: "types built on JSON are none", file: MEDIA, by: ["unit/api_media"],
    old: "\treturn len > least &&", now: "\treturn len < least &&",
  },
];
