/* The streaming service: the log in memory, who hears it, and the files it serves. */
const HUB = "poller/hub.c";
const RING = "poller/ring.c";
const SESSION = "poller/session.c";
const DELIVERY = "poller/delivery.c";
const ROSTER = "poller/roster.c";
const ANSWER = "poller/answer.c";
const HTTP_CONNECTION = "poller/http_connection.c";
const INPUT = "poller/input.c";
const ACCEPTOR = "poller/acceptor.c";
const TAIL = "poller/tail.c";
const WEBSOCKET = "poller/proto/websocket.c";
const SUBSCRIBE = "poller/subscribe.c";
const CAPS = "poller/stream_quota.c";
const GATE = "poller/request_check.c";
const EMBED = "poller/page_files.c";
const REAPER = "poller/reaper.c";
const DEPARTURES = "poller/departures.c";

export default [
  {
    name: "requests by a front are not counted for its client", file: "poller/server.c", by: ["e2e/parked"],
    old: "\tif (!x->service->proxied)\n\t\treturn 0;\n", now: "\tif (1)\n\t\treturn 0;\n",
  },
  {
    name: "where descriptors are few an address gets all connections", file: "poller/capacity.c", by: ["unit/poller_capacity", "e2e/burst"],
    old: "least(setting, most(all / ADDRESSES_MIN, 1))", now: "least(setting, all)",
  },
  {
    name: "bytes that wait for streams do not count", file: ROSTER, by: ["unit/poller_hub_bytes", "e2e/quotas"],
    old: "\tif (account(r, s) != 0) {\n", now: "\tif (0) {\n",
  },
  {
    name: "a slow stream is closed only when it takes nothing", file: "poller/socket.c", by: ["unit/poller_hub_bytes", "e2e/quotas"],
    old: "\t    (s->due != 0 && now >= s->due);\n", now: "\t    0;\n",
  },
  {
    name: "a connection that has ended keeps its place in its address's quota", file: "poller/acceptor.c", by: ["e2e/quotas"],
    old: "\tconnection_quota_give(a->quota, address);\n", now: "",
  },
  {
    name: "a connection beyond the quota is served", file: "poller/acceptor.c", by: ["e2e/quotas"],
    old: "\t\t(void)close(fd);\n\t\tleave_place(a);\n\t\treturn;\n", now: "",
  },
  {
    name: "all connections come from one address", file: "poller/client_addr.c", by: ["e2e/quotas", "unit/poller_quota"],
    old: "hash_bytes(from.bytes, from.len) | 1 : 0;", now: "1 : 0;",
  },
  {
    name: "a front's unix socket is an address", file: "poller/client_addr.c", by: ["e2e/quotas"],
    old: "hash_bytes(from.bytes, from.len) | 1 : 0;", now: "hash_bytes(from.bytes, from.len) | 1 : 1;",
  },
  {
    name: "a bucket of requests never fills again", file: "poller/request_quota.c", by: ["unit/poller_quota", "e2e/quotas"],
    old: "\tif (b->full < now)\n\t\tb->full = now;\n", now: "\tif (b->full == 0)\n\t\tb->full = now;\n",
  },
  {
    name: "addresses take each other's buckets of requests", file: "poller/request_quota.c", by: ["unit/poller_quota"],
    old: "\t\tif (b->full < best->full)\n", now: "\t\tif (b->full >= best->full)\n",
  },
  {
    name: "an answer that was sent still waits", file: "poller/exchange.c", by: ["e2e/quotas"],
    old: "\trequest_quota_end(h->quota, h->address, h->len);\n", now: "",
  },
  {
    name: "unread requests excuse a client that takes no answer", file: "poller/deadline.c", by: ["e2e/quotas"],
    old: "(d->answered || !is_unread(d->fd))", now: "!is_unread(d->fd)",
  },
  {
    name: "the operator's paths are limited like any other", file: "poller/server.c", by: ["e2e/quotas"],
    old: "\tif (route->match == SERVER_IS)\n\t\treturn PROBLEM_NONE;\n", now: "",
  },
  {
    name: "the kernel takes megabytes for a client that reads nothing", file: "poller/acceptor.c", by: ["e2e/quotas"],
    old: "\ttune(fd);\n\tif (MHD", now: "\tif (MHD",
  },
  {
    name: "an answer is full by events alone", file: "api/feed/wire.c", by: ["unit/db_list_bounds"],
    old: "(n > 0 && bytes + next > LIST_BYTES_MAX)", now: "0",
  },
  {
    name: "a waiting poll that is full says that nothing follows", file: DELIVERY, by: ["unit/poller_hub_bytes"],
    old: "session_complete(s, v, more ? s->cursor : v->head, more);", now: "session_complete(s, v, v->head, 0);",
  },
  {
    name: "a replay that is full has caught up", file: DELIVERY, by: ["unit/poller_hub_bytes"],
    old: "\tif (!r.more && s->cursor < v->head)\n", now: "\tif (s->cursor < v->head)\n",
  },
  {
    name: "the place of a stream is not given back at its end", file: ROSTER, by: ["unit/poller_hub", "e2e/connect"],
    old: "\t\tstream_quota_give(r->quotas.streams, &owner);\n", now: "",
  },
  {
    name: "a stream that ends does not end its presence", file: DEPARTURES, by: ["e2e/leave"],
    old: "\t\t\tadd(&all->waiting, &seat);\n\t}\n", now: "\t\t\t;\n\t}\n",
  },
  {
    name: "what a stream delivered does not count as heard", file: DEPARTURES, by: ["e2e/heard", "e2e/unread"],
    old: ".upto = s->socket.progress.delivered };\n\tstruct departure queue", now: ".upto = s->socket.progress.delivered * 0 };\n\tstruct departure queue",
  },
  {
    name: "what a poll's answer told does not count as heard", file: DEPARTURES, by: ["e2e/heard"],
    old: "\tif (answer.upto <= s->began)\n", now: "\tif (answer.upto >= s->began)\n",
  },
  {
    name: "streams that end while the service stops have left", file: ROSTER, by: ["e2e/leave"],
    old: "\t\telse if (!r->view->leaving)\n", now: "\t\telse\n",
  },
  {
    name: "a heartbeat is never due", file: ROSTER, by: ["e2e/connect", "e2e/hostile"],
    old: "\t    v->now - s->socket.wrote >= v->settings->hb_ms)\n", now: "\t    v->now - s->socket.wrote >= 1000 * v->settings->hb_ms)\n",
  },
  {
    name: "an expired token ends a stream as if its life were over", file: ROSTER, by: ["e2e/identity"],
    old: "s->expiring ? \"token_expired\" : \"lifetime\"", now: "s->expiring < 0 ? \"token_expired\" : \"lifetime\"",
  },
  {
    name: "a hole in the log goes unnoticed", file: TAIL, by: ["unit/poller_hub"],
    old: "\tif (e->seq != v->head + 1)\n\t\tb->hole = 1;\n", now: "",
  },
  {
    name: "a newer stream of the same name does not replace the older one", file: ROSTER, by: ["e2e/leave"],
    old: "\t\tsession_say_bye(other, r->view, \"replaced\");\n", now: "",
  },
  {
    name: "a newcomer is served from before something was erased", file: HUB, by: ["unit/poller_hub"],
    old: "\tif (!TAILQ_EMPTY(&arrived))\n\t\tread_log(h);\n", now: "",
  },
  {
    name: "the ring does not raise its floor when it drops a frame", file: RING, by: ["unit/poller_ring"],
    old: "\tring_raise_floor(r, f->seq);\n", now: "",
  },
  {
    name: "the ring keeps no limit of bytes", file: RING, by: ["unit/poller_ring"],
    old: "r->n == r->max_frames || r->bytes + cost(f) > r->max_bytes", now: "r->n == r->max_frames",
  },
  {
    name: "what an event rewrote stays in the ring", file: RING, by: ["unit/poller_ring"],
    old: "\tif (e->rewrote != 0)\n\t\terase(r, e);\n", now: "",
  },
  {
    name: "what queues were told behind a rewritten message stays in the ring", file: RING, by: ["unit/poller_ring"],
    old: "if (same || behind || (whole && queue))", now: "if (same || (whole && queue))",
  },
  {
    name: "seeking stands on the last frame that was heard", file: RING, by: ["unit/poller_ring"],
    old: "->seq > after)\n\t\t\thigh = middle;", now: "->seq >= after)\n\t\t\thigh = middle;",
  },
  {
    name: "a reader that the ring has run past is not noticed", file: RING, by: ["unit/poller_ring", "e2e/resume"],
    old: "return reading->pos < c->base || reading->pos < c->good;", now: "return reading->pos < c->good;",
  },
  {
    name: "a batch goes on behind an event that ends a seat", file: DELIVERY, by: ["unit/poller_hub_ends", "unit/poller_hub"],
    old: "\t\tif (f->ends != EVENT_ENDS_NOBODY)\n\t\t\tbreak;\n", now: "",
  },
  {
    name: "frames of several rooms are merged in no order", file: DELIVERY, by: ["e2e/connect", "e2e/messages", "e2e/unread", "e2e/resume"],
    old: "f->seq < (*frame)->seq)", now: "f->seq > (*frame)->seq)",
  },
  {
    name: "half a frame is dropped when the socket is full", file: DELIVERY, by: ["e2e/resume", "e2e/burst"],
    old: "buf_add(&s->socket.out, t->p + t->len - rest, rest);", now: "buf_add(&s->socket.out, t->p, 0);",
  },
  {
    name: "streams that were opened together end together", file: SESSION, by: ["unit/poller_hub"],
    old: "(int64_t)(dice % most)", now: "(int64_t)(dice % most) * 0",
  },
  {
    name: "an idle stream is never told that its token runs out", file: SESSION, by: ["e2e/identity"],
    old: "\ts->until = s->socket.wrote + left;\n\ts->expiring = 1;", now: "\ts->expiring = 1;",
  },
  {
    name: "a goodbye ends streams of another name", file: SESSION, by: ["e2e/notices", "unit/poller_hub_ends"],
    old: "} else if (ends == s->conn)", now: "} else if (ends != EVENT_ENDS_NOBODY)",
  },
  {
    name: "an end from before the subscription ends it", file: SESSION, by: ["unit/poller_hub_ends", "e2e/leave"],
    old: "if (ends == EVENT_ENDS_NOBODY || s->cursor <= s->since)", now: "if (ends == EVENT_ENDS_NOBODY)",
  },
  {
    name: "a person has as many streams as a quota plus one", file: CAPS, by: ["e2e/connect", "unit/poller_quota"],
    old: "tally_of(t, key) < limit;", now: "tally_of(t, key) <= limit;",
  },
  {
    name: "all streams together have no limit", file: CAPS, by: ["e2e/connect", "proxy:e2e/front"],
    old: "if (q->total >= q->limits.total)", now: "if (q->total > q->limits.total)",
  },
  {
    name: "a length beside a coding is accepted", file: GATE, by: ["e2e/hostile"],
    old: "\t    s.lengths + s.encodings > 1 || ", now: "\t    ",
  },
  {
    name: "more than one space in a request line is accepted", file: GATE, by: ["e2e/hostile"],
    old: "return at == version ?", now: "return at != NULL ?",
  },
  {
    name: "hidden files are served", file: EMBED, by: ["e2e/behind"],
    old: "if (name[0] == '.' ||", now: "if (name[0] == '/' ||",
  },
  {
    name: "static files are served without their policy", file: EMBED, by: ["e2e/hostile"],
    old: "\texchange_add_header(r, \"Content-Security-Policy\", page_policy);\n", now: "",
  },
  {
    name: "static files answer a POST", file: EMBED, by: ["e2e/static"],
    old: "\tif (!exchange_is_get(x)) {\n", now: "\tif (x->method == NULL) {\n",
  },
  {
    name: "a daemon whose lease was lost keeps its streams", file: REAPER, by: ["e2e/standstill"],
    old: "\t\thub_send_away(r->hub);\n", now: "",
  },
  {
    name: "a daemon does not note that it serves", file: REAPER, by: ["e2e/outage"],
    old: "\tif (db != NULL)\n\t\tnote_service(r, db);\n", now: "",
  },
  {
    name: "static files are found by their whole path", file: EMBED, by: ["e2e/static"],
    old: "\tconst char *name = memrchr(target, '/', len) + 1;", now: "\tconst char *name = target + 1;",
  },
  {
    name: "a link out of the page's folder is followed", file: EMBED, by: ["e2e/static"],
    old: "O_RDONLY | O_CLOEXEC | O_NOFOLLOW", now: "O_RDONLY | O_CLOEXEC",
  },
  {
    name: "an abrupt end behind Apache is told late", file: "db/base/settings.def", by: ["proxy:e2e/abrupt"],
    old: "SETTING_INT(hb_ms, 5000,", now: "SETTING_INT(hb_ms, 15000,",
  },
  {
    name: "a front may transform a stream", file: "api/http/reply.c", by: ["e2e/harmless"],
    old: "r->streamed ? \"no-store, no-transform\" : \"no-store\"", now: "\"no-store\"",
  },
  {
    name: "a long poll shows no sign of life", file: ROSTER, by: ["e2e/standstill"],
    old: "\tif (s->socket.wrote + v->settings->hb_ms < due)", now: "\tif (!session_is_answer(s) && s->socket.wrote + v->settings->hb_ms < due)",
  },
  {
    name: "a front waits a minute and a half for a poller that stands still", file: "docs/apache/proxy.conf", by: ["e2e/standstill"],
    old: "connectiontimeout=2 timeout=10 ", now: "connectiontimeout=2 timeout=90 ",
  },
  {
    name: "a poll that has shown signs of life has its head twice", file: ANSWER, by: ["e2e/standstill", "e2e/kept-polls"],
    old: "\ta->begun = 1;\n", now: "",
  },
  {
    name: "an answer in chunks has no end", file: ANSWER, by: ["e2e/kept-polls"],
    old: "\t\t\tbuf_adds(o->out, \"0\\r\\n\\r\\n\");\n", now: "\t\t\tbuf_adds(o->out, \"\");\n",
  },
  {
    name: "the connection of a poll is not given back", file: ACCEPTOR, by: ["e2e/kept-polls"],
    old: "\t\tadd(a, fd, &from, len);\n\tmust", now: "\t\t(void)close(fd);\n\tmust",
  },
  {
    name: "bytes of a next request that were read with a poll are lost", file: HTTP_CONNECTION, by: ["e2e/kept-polls"],
    old: "all - waiting == c->requests + n;", now: "all - waiting >= c->requests + n;",
  },
  {
    name: "bodies of earlier requests are not counted before a poll", file: HTTP_CONNECTION, by: ["e2e/kept-polls"],
    old: "\tc->body += n;\n", now: "\tc->body += n * 0;\n",
  },
  {
    name: "a request that follows a waiting poll is read by the hub", file: INPUT, by: ["e2e/kept-polls"],
    old: "s->answer->reuse != NULL)\n\t\treturn 0;", now: "s->answer->reuse == NULL)\n\t\treturn 0;",
  },
  {
    name: "a poll that waits shows no sign of life", file: ROSTER, by: ["e2e/standstill"],
    old: "\telse if (!s->closing && !socket_pending(&s->socket) &&\n", now: "\telse if (!session_is_answer(s) && !socket_pending(&s->socket) &&\n",
  },
  {
    name: "a client's frame without a mask is read", file: WEBSOCKET, by: ["unit/poller_websocket"],
    old: "(first & RESERVED) != 0 || (in->head[1] & MASKED) == 0", now: "(first & RESERVED) != 0",
  },
  {
    name: "a client's message has no longest", file: WEBSOCKET, by: ["unit/poller_websocket"],
    old: "in->message.len + length > WEBSOCKET_MESSAGE_MAX)", now: "in->message.len > WEBSOCKET_MESSAGE_MAX)",
  },
  {
    name: "a message that is no UTF-8 is taken", file: WEBSOCKET, by: ["unit/poller_websocket"],
    old: "if (!encoding_is_utf8(buf_str(&in->message), in->message.len)) {", now: "if (in->message.len > WEBSOCKET_MESSAGE_MAX) {",
  },
  {
    name: "a room is left on an open stream without ending its presence", file: SUBSCRIBE, by: ["e2e/websocket"],
    old: "\tif (presence.n != 0)\n", now: "\tif (presence.n < 0)\n",
  },
  {
    name: "a client is read from while its command is on the way", file: "poller/input.c", by: ["e2e/websocket", "unit/poller_hub_rooms"],
    old: " && s->inbound->command == NULL));", now: "));",
  },
  {
    name: "a stream hears as many rooms as its client asks for", file: SESSION, by: ["unit/poller_hub_rooms"],
    old: "if (seat == NULL && s->rooms >= SUBSCRIPTION_ROOMS_MAX)", now: "if (seat == NULL && s->rooms > 1000000)",
  },
  {
    name: "a request parks before libmicrohttpd has seen that it is not being read", file: "poller/parking.c", by: ["e2e/parked"],
    old: "\t\treturn MHD_YES;\n\t}\n\tif (!x->parks)\n\t\treturn park(x);\n", now: "\t\treturn park(x);\n\t}\n",
  },
  {
    name: "of the requests of a commit only one is resumed", file: "poller/parking.c", by: ["e2e/parked"],
    old: "\tfiber_collect();\n\tif (fiber_run(x->fiber)", now: "\tif (fiber_run(x->fiber)",
  },
  {
    name: "a request waits with its thread", file: "poller/parking.c", by: ["e2e/parked"],
    old: "\tif (!atomic_load(&service->stopping))\n", now: "\tif (atomic_load(&service->stopping))\n",
  },
];
