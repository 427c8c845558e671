/* The store: what is kept, who may see it, and what is told of it. */
const STORE = "db/engine/sqlite/store.c";
const WRITER = "db/engine/writer.c";
const BATCH = "db/engine/sqlite/transaction.c";
const BOOT = "db/chat/boot.c";
const CHECKPOINT = "db/engine/sqlite/wal.c";
const SPACE = "db/engine/sqlite/space.c";
const MIGRATE = "db/engine/sqlite/migrate.c";
const ROOMS = "db/rows/rooms.c";
const ROOM_END = "db/chat/room_end.c";
const UNREAD = "db/chat/unread.c";
const NOTIFY = "db/chat/notify.c";
const MESSAGES = "db/rows/messages.c";
const SAY = "db/chat/say.c";
const EDIT = "db/chat/edit.c";
const EVENTS = "db/rows/events.c";
const CHATTERS = "db/rows/chatters.c";
const ACCOUNTS = "db/chat/accounts.c";
const TICKETS = "db/chat/tickets.c";
const DOORBELL = "db/engine/sqlite/doorbell.c";
const LOOKALIKE = "db/text/lookalike.c";
const NAMES = "db/text/names.c";
const DELIVERY = "db/chat/delivery.c";
const LEASES = "db/chat/leases.c";
const NICKNAMES = "db/chat/nicknames.c";
const STEADY = "db/rows/steady.c";
const TEXT = "db/text/text.c";
const MEMBERS = "db/chat/members.c";
const ABSENCES = "db/rows/absences.c";
const PRESENCE = "db/rows/presence.c";

export default [
  {
    name: "a fiber's write leaves another's marks behind", file: STORE, by: ["unit/db_fiber"],
    old: "\tdb->freeing = freeing;\n", now: "",
  },
  {
    name: "a connection is closed while a fiber waits with it", file: STORE, by: ["unit/db_fiber"],
    old: " || db->waiting > 0", now: "",
  },
  {
    name: "a list is as long as its rows", file: "db/engine/sqlite/stmt.c", by: ["unit/db_list_bounds"],
    old: "(n > 0 && b->len > LIST_BYTES_MAX)", now: "0",
  },
  {
    name: "a row that does not fit makes an empty list", file: "db/engine/sqlite/stmt.c", by: ["unit/db_list_bounds"],
    old: "(n > 0 && b->len > LIST_BYTES_MAX)", now: "b->len > LIST_BYTES_MAX",
  },
  {
    name: "the newest messages are as many as were asked for", file: MESSAGES, by: ["unit/db_list_bounds"],
    old: "(n > 0 && b->len + rows.len + n + len > LIST_BYTES_MAX)", now: "0",
  },
  {
    name: "my rooms go on behind the room that did not fit", file: "db/chat/my_rooms.c", by: ["unit/db_list_bounds"],
    old: "\t\trc = add_row(db, &rows[i], b);\n", now: "\t\trc = add_row(db, &rows[i], b);\n\t\t*place = (struct my_rooms_place){ rows[i].at, rows[i].name };\n",
  },
  {
    name: "a deferred run that failed is forgotten", file: BATCH, by: ["unit/db_engine"],
    old: "\treturn rc == DB_OK ? db->deferred : rc;\n", now: "\treturn rc;\n",
  },
  {
    name: "a deferred run that failed fails the next job too", file: BATCH, by: ["unit/db_engine"],
    old: "\tdb->deferred = DB_OK;\n", now: "",
  },
  {
    name: "jobs are answered before the commit is finished", file: WRITER, by: ["unit/db_writer"],
    old: "\ttold = e->finish(w->arg, db, rc);\n\tanswer(jobs, told);\n", now: "\tanswer(jobs, rc);\n\ttold = e->finish(w->arg, db, rc);\n\t(void)told;\n",
  },
  {
    name: "an insert gives the id of another row", file: "db/engine/sqlite/stmt.c", by: ["unit/db_engine"],
    old: "\t\t*id = sqlite3_last_insert_rowid(db->sqlite);\n", now: "\t\t*id = sqlite3_last_insert_rowid(db->sqlite) + 1;\n",
  },
  {
    name: "a finding keeps its control characters", file: "db/base/findings.c", by: ["unit/db_engine", "unit/db_check"],
    old: "\t\tif ((unsigned char)*p < ' ' || *p == 0x7f)\n", now: "\t\tif ((unsigned char)*p < ' ' && *p == 0x7f)\n",
  },
  {
    name: "a job that fails keeps what it has written", file: BATCH, by: ["unit/db_store"],
    old: "\t\trc = control(db, UNDO);\n", now: "\t\trc = DB_OK;\n",
  },
  {
    name: "a job that was undone rings the bell", file: BATCH, by: ["unit/db_doorbell", "unit/db_store"],
    old: "\t\tdb->rang = rang;\n", now: "\t\tdb->rang |= rang;\n",
  },
  {
    name: "what was erased stays in the write-ahead log", file: CHECKPOINT, by: ["unit/db_store", "e2e/edit"],
    old: "\tif (!db->erased || clock_lease() < db->scrub)\n", now: "\tif (db->erased || clock_lease() < db->scrub)\n",
  },
  {
    name: "a queue of writers has no end", file: WRITER, by: ["unit/db_limits"],
    old: "if (w->waiting >= QUEUE_MAX ||", now: "if (w->waiting > 100 * QUEUE_MAX ||",
  },
  {
    name: "a hurried write waits behind a patient one", file: WRITER, by: ["unit/db_writer"],
    old: "(job->hurried && atomic_load(&w->taking))", now: "(job->hurried && w->stopping)",
  },
  {
    name: "the writer takes one job at a time", file: WRITER, by: ["unit/db_store"],
    old: "job->next != NULL && n < WRITER_BATCH_MAX; n++", now: "job->next != NULL && n < 1; n++",
  },
  {
    name: "a new boot keeps the daemons of before", file: BOOT, by: ["unit/db_boot"],
    old: "\tenum db_rc rc = nodes_drop_all(db);\n", now: "\tenum db_rc rc = DB_OK;\n",
  },
  {
    name: "who listened before a new boot still listens", file: BOOT, by: ["unit/db_boot"],
    old: "\t\trc = listeners_drop_all(db);\n", now: "\t\trc = DB_OK;\n",
  },
  {
    name: "a room of another schema is opened", file: STORE, by: ["unit/db_migrate", "unit/db_store"],
    old: "\tif (number == store_schema)\n\t\treturn DB_OK;", now: "\tif (number >= store_schema)\n\t\treturn DB_OK;",
  },
  {
    name: "a room expires a moment late", file: ROOMS, by: ["unit/db_rooms"],
    old: "expires != 0 && expires <= clock_wall()", now: "expires != 0 && expires < clock_wall()",
  },
  {
    name: "a room that opens again sends nobody back", file: "db/chat/room_change.c", by: ["e2e/expiry", "unit/db_room_end"],
    old: "reopens ? EVENT_ENDS_REOPENED : EVENT_ENDS_NOBODY", now: "reopens < 0 ? EVENT_ENDS_REOPENED : EVENT_ENDS_NOBODY",
  },
  {
    name: "a deleted room leaves its password's hash", file: ROOMS, by: ["unit/db_room_end"],
    old: `" password = NULL WHERE id = ?1"`,
    now: `" slow = 0 WHERE id = ?1"`,
  },
  {
    name: "a deleted room leaves its presence behind", file: ROOM_END, by: ["unit/db_room_end"],
    old: "\tif (rc == DB_OK)\n\t\trc = presence_drop_room(db, room->id);\n", now: "",
  },
  {
    name: "queues go on telling of a deleted room", file: ROOM_END, by: ["unit/db_unread_queue"],
    old: "\tif (rc == DB_OK)\n\t\trc = unread_forget_room(db, room);\n", now: "",
  },
  {
    name: "a room is closed while people are in it", file: ROOM_END, by: ["unit/db_limits"],
    old: "\tif (rc == DB_OK && room.online > 0)\n\t\treturn DB_OK;\n", now: "",
  },
  {
    name: "a count of unread messages is told twice", file: UNREAD, by: ["unit/db_unread_queue"],
    old: "return rc == DB_OK && (unread != m->told || m->stale) ?", now: "return rc == DB_OK ?",
  },
  {
    name: "a count that was told is taken for known though messages went since", file: UNREAD, by: ["e2e/unread-total"],
    old: "(unread != m->told || m->stale)", now: "unread != m->told",
  },
  {
    name: "whoever is present is not told that an unread message is gone", file: "db/rows/memberships.c", by: ["e2e/unread-total"],
    old: " (SELECT chatter FROM unread_watcher WHERE room = ?1 UNION ALL\"\n\t    \" SELECT chatter FROM presence WHERE room = ?1)", now: " (SELECT chatter FROM unread_watcher WHERE room = ?1)",
  },
  {
    name: "whoever enters a room is not told the new count", file: UNREAD, by: ["e2e/unread-total"],
    old: "rc = memberships_get(db, chatter, &m);\n\treturn rc == DB_OK ? tell_again(db, &m) : rc;", now: "return rc;",
  },
  {
    name: "whoever leaves a room is not told that nothing is unread there", file: UNREAD, by: ["e2e/unread-total"],
    old: "return unread > 0 || m.told > 0 || m.stale ?", now: "return unread < 0 ?",
  },
  {
    name: "a total is the count of one room", file: "db/chat/my_rooms.c", by: ["e2e/unread-total"],
    old: "*total->unread += n;", now: "*total->unread = n;",
  },
  {
    name: "a present member's absence goes on", file: ABSENCES, by: ["unit/db_unread"],
    old: "\tif (rc == DB_OK)\n\t\trc = stmt_run(db, &absences_sql, CLOSE, args);\n", now: "",
  },
  {
    name: "who is present is told of unread messages", file: UNREAD, by: ["unit/db_unread_queue", "e2e/unread"],
    old: "\tif (rc == DB_OK)\n\t\trc = unread_watchers_drop(db, chatter);\n\tif (rc != DB_OK || was_away == 0)", now: "\tif (rc != DB_OK || was_away == 0)",
  },
  {
    name: "absences are kept without a limit", file: UNREAD, by: ["unit/db_unread"],
    old: "\tif (rc == DB_OK)\n\t\trc = absences_thin_out(db, chatter, ABSENCES_MAX);\n", now: "",
  },
  {
    name: "a deleted message still counts as unread", file: UNREAD, by: ["unit/db_unread_erased"],
    old: "tell(db, m, m->told - 1, NULL) :", now: "tell(db, m, m->told, NULL) :",
  },
  {
    name: "counts of unread messages grow past their limit", file: UNREAD, by: ["unit/db_unread"],
    old: "int64_t more = m->told < UNREAD_MAX ? 1 : 0;", now: "int64_t more = 1;",
  },
  {
    name: "what queues were told of an edited message is not rewritten", file: UNREAD, by: ["unit/db_unread_erased", "unit/db_messages", "e2e/edit"],
    old: "\t\t\t\trc = events_rewrite(db, r.seqs[i], &r.data[i]);", now: "\t\t\t\trc = DB_OK;",
  },
  {
    name: "the messages of a deleted room leave holes in the log", file: "db/chat/room_end.c", by: ["unit/db_room_end"],
    old: "enum db_rc rc = events_outlive_messages(db, room, limit);", now: "enum db_rc rc = DB_OK;",
  },
  {
    name: "the search for a message by its seq stops one too early", file: MESSAGES, by: ["unit/db_messages"],
    old: "rc == DB_OK && above - below > 1", now: "rc == DB_OK && above - below > 2",
  },
  {
    name: "an erased message stays in the write-ahead log", file: MESSAGES, by: ["e2e/edit"],
    old: "const struct buf *json, int64_t deleted)\n{\n\tdb_scrub_after_commit(db);", now: "const struct buf *json, int64_t deleted)\n{",
  },
  {
    name: "a commit is answered before the log is synced", file: "db/engine/sqlite/log_buffer.c", by: ["e2e/powercut"],
    old: "AFTER_FLUSH(sync_log, xSync, (sqlite3_file * file, int flags), (to, flags))", now: "static int\nsync_log(sqlite3_file *file, int flags)\n{\n\t(void)flags;\n\treturn flush(file);\n}",
  },
  {
    name: "a deleted notification stays in the count", file: NOTIFY, by: ["unit/db_notifications"],
    old: "tell_id(db, user, \"deleted\", id, -unread);", now: "tell_id(db, user, \"deleted\", id, 0);",
  },
  {
    name: "more notifications are kept than may be", file: NOTIFY, by: ["unit/db_notifications"],
    old: "count = count - keep + 1;", now: "count = count - keep;",
  },
  {
    name: "one person's act counts twice", file: NOTIFY, by: ["unit/db_notifications"],
    old: "\tif (act->actor != NULL)\n\t\trc = notifications_acted(", now: "\tif (act->actor == NULL)\n\t\trc = notifications_acted(",
  },
  {
    name: "two notifications have the same time", file: NOTIFY, by: ["unit/db_notifications"],
    old: "*when = now > newest ? now : newest + 1;", now: "*when = now > newest ? now : newest;",
  },
  {
    name: "a notice counts as a message that one awaits", file: SAY, by: ["unit/db_messages", "unit/db_unread", "unit/db_notices"],
    old: "if (rc != DB_OK || !watched || d->notice != NULL)", now: "if (rc != DB_OK || !watched)",
  },
  {
    name: "a member may send alerts", file: SAY, by: ["unit/db_messages", "e2e/refusals"],
    old: "if ((member || stranger) && d->type == MESSAGE_ALERT)", now: "if (stranger && d->type == MESSAGE_ALERT)",
  },
  {
    name: "slow mode holds moderators back too", file: SAY, by: ["unit/db_unread", "e2e/messages"],
    old: "if (!member || d->author->spoke > now)", now: "if (d->author == NULL || d->author->spoke > now)",
  },
  {
    name: "slow mode remembers nobody", file: SAY, by: ["unit/db_unread", "e2e/messages"],
    old: "if (rc == DB_OK && room->slow > 0 && d.author != NULL)", now: "if (rc == DB_OK && room->slow < 0 && d.author != NULL)",
  },
  {
    name: "one who has left may send", file: "db/chat/author.c", by: ["unit/db_messages", "e2e/refusals"],
    old: "if (rc == DB_NONE || (rc == DB_OK && author->left))", now: "if (rc == DB_NONE)",
  },
  {
    name: "pruning leaves the floor where it was", file: EVENTS, by: ["unit/db_events"],
    old: "\tif (rc == DB_OK)\n\t\trc = meta_set_floor(db, last);\n", now: "",
  },
  {
    name: "fewer events are kept than must be", file: EVENTS, by: ["unit/db_events"],
    old: "INT(log.head - keep)),", now: "INT(log.head - keep + 1)),",
  },
  {
    name: "one who was removed is told that they left", file: EVENTS, by: ["unit/db_events", "e2e/leave"],
    old: "return ends == EVENT_ENDS_REMOVED(chatter) ? \"removed\" : NULL;", now: "return ends == EVENT_ENDS_REMOVED(chatter) ? \"left\" : NULL;",
  },
  {
    name: "the newest events begin one too late", file: EVENTS, by: ["unit/db_events"],
    old: "\t*after = first - 1;\n", now: "\t*after = first;\n",
  },
  {
    name: "an appended event rings no bell", file: EVENTS, by: ["unit/db_doorbell", "unit/db_events"],
    old: "\tif (rc == DB_OK)\n\t\tdb_ring_after_commit(db);\n", now: "",
  },
  {
    name: "a banned person is let in", file: MEMBERS, by: ["unit/db_admission", "e2e/admission"],
    old: "\tif (rc == DB_OK)\n\t\treturn refuse(why, PROBLEM_BANNED);\n", now: "",
  },
  {
    name: "an expired room lets people in", file: MEMBERS, by: ["unit/db_chatters", "e2e/expiry"],
    old: "\tif (rooms_expired(room))\n\t\treturn refuse(why, PROBLEM_ROOM_EXPIRED);\n\trc = bans_check(", now: "\trc = bans_check(",
  },
  {
    name: "a password that was changed meanwhile is still right", file: MEMBERS, by: ["unit/db_admission", "e2e/admission"],
    old: "(who->proved == NULL || strcmp(who->proved, buf_str(&hash)) != 0)", now: "who->proved == NULL",
  },
  {
    name: "one who has left needs no password to return", file: MEMBERS, by: ["unit/db_admission", "e2e/admission"],
    old: "*need = c.left && c.role == ROLE_MEMBER;", now: "*need = 0;",
  },
  {
    name: "a ticket is good for ever", file: TICKETS, by: ["unit/db_users", "e2e/connect"],
    old: "if (bad || ticket->expires <= steady_now(db))", now: "if (bad)",
  },
  {
    name: "a forged ticket is good", file: TICKETS, by: ["unit/db_users", "e2e/connect"],
    old: "if (bad || ticket->expires <= steady_now(db))", now: "if (bad > 1 || ticket->expires <= steady_now(db))",
  },
  {
    name: "one's token survives that one was forgotten", file: ACCOUNTS, by: ["unit/db_users", "e2e/identity"],
    old: "\treturn rc == DB_OK ? users_drop_tokens(db, user) : rc;", now: "\treturn rc;",
  },
  {
    name: "a ban is forgotten with the person", file: ACCOUNTS, by: ["e2e/identity"],
    old: "\tif (rc == DB_OK)\n\t\trc = keep_bans(db, user);\n", now: "",
  },
  {
    name: "a ring that nobody took in time stops the ringer", file: DOORBELL, by: ["unit/db_doorbell"],
    old: "SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC", now: "SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC",
  },
  {
    name: "a repeat of a request makes another thing", file: "db/rows/idempotency.c", by: ["unit/db_repeats"],
    old: "if (memcmp(request, i->request, len) != 0)", now: "if (memcmp(request, i->request, 0) != 0)",
  },
  {
    name: "capitals of another script pass for their look-alikes", file: LOOKALIKE, by: ["unit/db_lookalike", "e2e/names"],
    old: "\tif (which != KEY_WRITTEN)\n\t\twide_fold(name);\n", now: "\twide_fold(name);\n",
  },
  {
    name: "small letters of another script pass for capitals that look alike", file: LOOKALIKE, by: ["unit/db_lookalike", "e2e/names"],
    old: "\t\twide_capitals(name);\n", now: "\t\twide_fold(name);\n",
  },
  {
    name: "small capitals and filled squares are no letters", file: LOOKALIKE, by: ["unit/db_lookalike"],
    old: "\t\tspell_out(name);\n", now: "",
  },
  {
    name: "a second dot above an i makes another name", file: LOOKALIKE, by: ["unit/db_lookalike", "e2e/names"],
    old: "if (c == COMBINING_DOT_ABOVE && dotted)", now: "if (c == COMBINING_DOT_ABOVE && dotted > 1)",
  },
  {
    name: "spaces make another name", file: LOOKALIKE, by: ["unit/db_lookalike", "e2e/names"],
    old: "\t\tdrop_spaces(&l->key[i]);\n", now: "",
  },
  {
    name: "a badge makes another name", file: LOOKALIKE, by: ["unit/db_lookalike", "e2e/names"],
    old: "\t\tif (keep == KEEP_ALL)\n", now: "\t\tif (keep == KEEP_ALL || len > 0)\n",
  },
  {
    name: "no joiner is accepted behind a virama", file: NAMES, by: ["unit/db_names"],
    old: "\tif (is_virama_at(w, w->i - 1) || is_virama_at(w, w->i + 1))\n", now: "\tif (is_virama_at(w, w->n))\n",
  },
  {
    name: "a joiner is accepted between any two letters", file: NAMES, by: ["unit/db_names"],
    old: "U_JT_NON_JOINING && parts_letters(w);", now: "U_JT_NON_JOINING && w->n > 0;",
  },
  {
    name: "marks may pile up", file: NAMES, by: ["unit/db_names"],
    old: "found = marks > MARKS_MAX || stacked > STACKED_MAX ||", now: "found =",
  },
  {
    name: "enclosing marks are taken", file: NAMES, by: ["unit/db_names"],
    old: "w->base != 0 && !unicode_is(c, U_GC_ME_MASK) &&", now: "w->base != 0 &&",
  },
  {
    name: "a carriage return is stored", file: "db/text/text.c", by: ["unit/db_text", "e2e/messages"],
    old: "text += text[1] == '\\n' ? 2 : 1;", now: "text += 1;",
  },
  {
    name: "a moderator may edit another's words", file: EDIT, by: ["unit/db_messages", "e2e/rights"],
    old: "if (rc == DB_OK && !s.own)\n", now: "if (rc == DB_OK && !s.own && s.role == ROLE_MEMBER)\n",
  },
  {
    name: "a member may delete another's message", file: EDIT, by: ["unit/db_messages", "e2e/rights", "e2e/edit"],
    old: "if (rc == DB_OK && !s.own && s.role == ROLE_MEMBER)", now: "if (rc == DB_OK && !s.own && s.role > ROLE_OWNER)",
  },
  {
    name: "a moderator rewrites what others wrote", file: EDIT, by: ["e2e/rights"],
    old: "if (rc == DB_OK && !s.own)\n\t\treturn refuse(why, PROBLEM_AUTHOR_ONLY);", now: "if (rc == DB_OK && !s.own && s.role == ROLE_MEMBER)\n\t\treturn refuse(why, PROBLEM_AUTHOR_ONLY);",
  },
  {
    name: "a repeat is answered with a token of its own", file: ACCOUNTS, by: ["e2e/repeats", "e2e/admission"],
    old: "\trc = secrets_digest(db, text.p, text.len, bytes);\n\tif (rc == DB_OK)\n\t\tids_write_token(bytes, token);", now: "\trc = secrets_digest(db, text.p, text.len, bytes);\n\tids_make_token(token);",
  },
  {
    name: "a repeat from another address is answered with the person's token", file: "db/chat/repeats.c", by: ["e2e/repeats"],
    old: "for (size_t n = 0; n < r->from.len; n++)", now: "for (size_t n = 0; n < 0 * r->from.len; n++)",
  },
  {
    name: "one key changes another key's message", file: EDIT, by: ["unit/db_messages", "e2e/rights", "e2e/edit"],
    old: "if (change->key.n != 0 && change->key.n == old->row.key.n)", now: "if (change->key.n != 0 && old->row.key.n != 0)",
  },
  {
    name: "a notice hides the newest message", file: SAY, by: ["unit/db_unread"],
    old: "\t\trooms_note_said(db, room->id);\n", now: "\t\t(void)room;\n",
  },
  {
    name: "the second notice hides the newest message", file: "db/rows/said.h", by: ["unit/db_unread"],
    old: "(SELECT said_before_notice FROM room\"", now: "(SELECT 0 FROM room\"",
  },
  {
    name: "a client_id of another room counts as sent", file: MESSAGES, by: ["unit/db_client_ids"],
    old: "\" WHERE key = ? AND room = ? AND client_id = ?\",", now: "\" WHERE key = ? AND coalesce(?, 0) >= 0 AND client_id = ?\",",
  },
  {
    name: "what was said between two connections counts as heard", file: DELIVERY, by: ["unit/db_heard"],
    old: "\t\tif (rc == DB_OK && i < spans.n - 1)\n", now: "\t\tif (rc == DB_OK && i > spans.n)\n",
  },
  {
    name: "an answer that could not be sent was heard", file: PRESENCE, by: ["unit/db_delivery"],
    old: "UPDATE presence SET upto = max(since, ?)\"", now: "UPDATE presence SET upto = max(upto, ?)\"",
  },
  {
    name: "a client that comes back from before has heard it all", file: DELIVERY, by: ["unit/db_heard", "e2e/heard"],
    old: "(upto < cursor || (start->proven && upto > cursor));", now: "(upto < cursor);",
  },
  {
    name: "what a killed daemon delivered is not known", file: "db/chat/last_delivered.c", by: ["e2e/heard", "e2e/unread", "e2e/crash"],
    old: "\tif (d != NULL && slot != 0)\n\t\tatomic_store", now: "\tif (d != NULL && slot < 0)\n\t\tatomic_store",
  },
  {
    name: "one key of a name is compared with the same key alone", file: CHATTERS, by: ["unit/db_lookalike"],
    old: "key \" IN (?2, ?3, ?4)\"", now: "key \" IN (?2, ?2, ?2)\"",
  },
  {
    name: "a reserved name that comes back from elsewhere is kept", file: NICKNAMES, by: ["unit/db_lookalike"],
    old: "\tif (rc == DB_OK && is_kept_from(c, buf_str(&nickname), &keys)) {", now: "\tif (rc == DB_NONE && is_kept_from(c, buf_str(&nickname), &keys)) {",
  },
  {
    name: "an outage is counted again by each who looks", file: LEASES, by: ["unit/db_leases"],
    old: "\tint64_t from = gap->from > *done ? gap->from : *done;", now: "\tint64_t from = gap->from;",
  },
  {
    name: "an outage ends the leases of daemons", file: LEASES, by: ["unit/db_leases", "e2e/outage"],
    old: "\t\trc = nodes_shift(db, from, gap->to - from);\n", now: "\t\trc = DB_OK;\n",
  },
  {
    name: "limits last as long as the wall clock says", file: STEADY, by: ["unit/db_steady"],
    old: "\treturn db_lease_now(db) + *db_kept(db, KEPT_ANCHOR);", now: "\treturn clock_wall();",
  },
  {
    name: "a boot with a clock of long ago makes old events new", file: STEADY, by: ["unit/db_steady"],
    old: "\tif (now <= newest)\n\t\tnow = newest + 1;\n", now: "",
  },
  {
    name: "a message of which nothing is seen is taken", file: TEXT, by: ["unit/db_text", "e2e/names"],
    old: "\t\t*blank = *blank && unicode_is_blank(c);", now: "\t\t*blank = *blank && c == ' ';",
  },
  {
    name: "a filler has ink", file: "db/text/unicode.c", by: ["unit/db_text", "unit/db_names"],
    old: "\"BLANK\", \"FILLER\", \"NULL\"", now: "\"BLANK\", \"NULL\"",
  },
  {
    name: "an emoji of many characters is cut at its first joiner", file: "db/text/unicode.c", by: ["unit/db_names", "e2e/names"],
    old: "\twhile (len + 1 < n && p[len] == ZERO_WIDTH_JOINER &&", now: "\twhile (len < 0 && p[len] == ZERO_WIDTH_JOINER &&",
  },
  {
    name: "wide spaces are no spaces", file: NAMES, by: ["unit/db_names", "e2e/names"],
    old: "if (c >= 0 && unicode_is(c, U_GC_ZS_MASK))", now: "if (c == ' ')",
  },
  {
    name: "an unlisted room is listed", file: ROOMS, by: ["unit/db_rooms", "e2e/rights"],
    old: "\" WHERE namespace = ? AND listed = 1 AND id > ?\"", now: "\" WHERE namespace = ? AND listed >= 0 AND id > ?\"",
  },
  {
    name: "the write lock is given back before the checkpoint", file: CHECKPOINT, by: ["e2e/lock"],
    old: "\tmust(wal->lock->held);\n\tfailpoint(\"before_checkpoint\");\n", now: "\textern int flock(int, int);\n\n\t(void)flock(wal->lock->fd, 8);\n\tfailpoint(\"before_checkpoint\");\n",
  },
  {
    name: "the write lock is given back before the log is cut off", file: CHECKPOINT, by: ["e2e/lock"],
    old: "\tmust(wal->lock->held);\n\tfailpoint(\"before_truncate\");\n", now: "\textern int flock(int, int);\n\n\t(void)flock(wal->lock->fd, 8);\n\tfailpoint(\"before_truncate\");\n",
  },
  {
    name: "the write lock is shared", file: "db/engine/sqlite/lock.c", by: ["unit/db_store", "e2e/lock"],
    old: "\trc = flock(lock->fd, LOCK_EX | LOCK_NB);\n", now: "\trc = flock(lock->fd, LOCK_SH | LOCK_NB);\n",
  },
  {
    name: "a write waits for ever for a lock", file: "db/engine/sqlite/lock.c", by: ["e2e/storage"],
    old: "while (rc != 0 && errno == EINTR && clock_waits() < until);", now: "while (rc != 0 && errno == EINTR);",
  },
  {
    name: "a clean stop leaves everything in the log", file: STORE, by: ["e2e/lock"],
    old: "\tif (store->mode != STORE_REQUEST && db != NULL)\n", now: "\tif (store->mode == STORE_REQUEST && db != NULL)\n",
  },
  {
    name: "a database that has lost its log is made anew", file: MIGRATE, by: ["e2e/lock"],
    old: "\tif (size_of(path) > 0 && version_of(dir) == 0) {", now: "\tif (size_of(path) > 0 && version_of(dir) < 0) {",
  },
  {
    name: "a database that is missing where one was used is made anew", file: MIGRATE, by: ["e2e/lock"],
    old: "(is_there(dir, \"ballast\") || is_there(dir, \"doorbell\"))", now: "(is_there(dir, \"ballast\") && !is_there(dir, \"ballast\"))",
  },
  {
    name: "no reserve is kept on the disk", file: SPACE, by: ["e2e/storage"],
    old: "\treturn make(s, &disk) == 0 || !means_full(errno) ? DB_OK : DB_FULL;", now: "\treturn DB_OK;",
  },
  {
    name: "nothing is deleted on a full disk", file: BATCH, by: ["e2e/storage"],
    old: "\tif (t->room == DB_OK || job->freeing)\n", now: "\tif (t->room == DB_OK)\n",
  },
  {
    name: "a store that could not be written lets leases end", file: BATCH, by: ["e2e/storage"],
    old: "\tif (rc == DB_OK && t->room == DB_OK)\n\t\trc = outage_pass(", now: "\tif (rc == DB_NONE && t->room == DB_OK)\n\t\trc = outage_pass(",
  },
  {
    name: "a limit of the site's is a wish", file: SPACE, by: ["e2e/storage"],
    old: "\trc = set_limit(db, freeing ? most : most - reserve_of(most, size));\n\tif (rc != DB_OK || freeing)\n", now: "\tif (rc != DB_OK || most > 0)\n",
  },
  {
    name: "a store that cannot be written is well", file: "api/http/health.c", by: ["e2e/storage"],
    old: "\tenum storage storage = store_probe(db);\n", now: "\tenum storage storage = db != NULL ? STORAGE_OK : STORAGE_BUSY;\n",
  },
  {
    name: "a full disk is an internal error", file: "db/engine/sqlite/result.c", by: ["unit/db_result", "e2e/storage"],
    old: "\tcase ENOSPC:\n\tcase EDQUOT:\n", now: "\tcase EDQUOT:\n",
  },
  {
    name: "a line ends within JSON", file: "db/rows/json.c", by: ["unit/db_json", "e2e/harmless"],
    old: "\t\t{ \"\\xe2\\x80\\xa9\", \"\\\\u2029\" },\n", now: "",
  },
];
