/* Presence, leases and delivery. */
const DELIVERY = "db/chat/delivery.c";
const LEASES = "db/chat/leases.c";
const PRESENCE = "db/rows/presence.c";

export default [
  {
    name: "a lease counts as a delivery of all that was said in it", file: DELIVERY, by: ["unit/db_heard", "e2e/heard"],
    old: "larger(row->span.upto, last_delivered_read(db, row->slot));\n", now: "larger(\n\t\tINT64_MAX / 2, last_delivered_read(db, row->slot));\n",
  },
  {
    name: "what a killed poller's streams were delivered is forgotten", file: DELIVERY, by: ["e2e/heard"],
    old: "last_delivered_read(db, row->slot));\n", now: "0 * last_delivered_read(db, row->slot));\n",
  },
  {
    name: "an answer that was lost counts as heard", file: PRESENCE, by: ["unit/db_heard"],
    old: "\" WHERE id = ? AND upto = ?\",", now: "\" WHERE id = ? AND upto = -?\",",
  },
  {
    name: "what a connection that ended was delivered is dropped", file: DELIVERY, by: ["unit/db_heard"],
    old: "\t\trc = spans_insert(db, chatter, spans->p[i]);", now: "\t\tif (i < 0)\n\t\t\trc = spans_insert(db, chatter, spans->p[i]);",
  },
  {
    name: "a cursor is no proof", file: DELIVERY, by: ["unit/db_heard"],
    old: "\tif (start->proven) {\n\t\tspan->since = lowest;", now: "\tif (start->proven > 1) {\n\t\tspan->since = lowest;",
  },
  {
    name: "the answers of waiting polls are not noted", file: "poller/departures.c", by: ["e2e/heard"],
    old: "s->seats[i].slot, answer.upto))", now: "s->seats[i].slot, 0))",
  },
  {
    name: "leases run out while nobody could be served", file: LEASES, by: ["unit/db_leases", "e2e/outage"],
    old: "\treturn shift_gaps(db, STEP_MS);", now: "\treturn db == NULL ? shift_gaps(db, STEP_MS) : DB_NONE;",
  },
  {
    name: "the poller's notes keep leases running while the API is down", file: LEASES, by: ["unit/db_leases", "proxy:e2e/outage"],
    old: "\tgaps[1] = daemon_out(notes, SERVICE_API, now);", now: "\tgaps[1] = all_out(notes, now);",
  },
  {
    name: "a daemon that is gone for good keeps everybody present", file: LEASES, by: ["unit/db_leases"],
    old: "\t\tif (now - gap.from > LEASES_GIVEN_UP_MS)", now: "\t\tif (now - gap.from > 100 * LEASES_GIVEN_UP_MS)",
  },
  {
    name: "notes of before the boot count", file: LEASES, by: ["unit/db_leases"],
    old: "\t\t(void)!pwrite(fd, no_notes, sizeof(no_notes), 0);\n", now: "",
  },
  {
    name: "a heartbeat comes too rarely for the front to notice an end", file: "db/base/settings.def", by: ["proxy:e2e/abrupt"],
    old: "SETTING_INT(hb_ms, 5000,", now: "SETTING_INT(hb_ms, 15000,",
  },
  {
    name: "the loss of an answer is not written", file: "api/feed/catchup.c", by: ["unit/api_catchup"],
    old: "\trc = db_post(store, job);\n", now: "\trc = store != NULL ? DB_BUSY : DB_OK;\n",
  },
  {
    name: "who is forgotten between check and presence is refused", file: "api/feed/catchup.c", by: ["unit/api_catchup"],
    old: "\tif (rc == DB_CONFLICT && c->caller.unseen)\n\t\treturn enter_anew(db, c);\n", now: "\tif (rc == DB_CONFLICT && c->caller.unseen && c->needs < 0)\n\t\treturn enter_anew(db, c);\n",
  },
];
