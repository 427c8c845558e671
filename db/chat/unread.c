#include "db/chat/unread.h"

#include <string.h>

#include "db/base/must.h"
#include "db/rows/absences.h"
#include "db/rows/chatters.h"
#include "db/rows/events.h"
#include "db/rows/listeners.h"
#include "db/rows/memberships.h"
#include "db/rows/messages.h"
#include "db/rows/unread_watchers.h"

/* Read before any is changed: a statement must not change what it walks. */
struct members {
	struct membership *p;
	size_t n, room;
};

static void
add_member(const struct membership *m, void *arg)
{
	struct members *members = arg;

	if (members->n == members->room) {
		members->room = members->room > 0 ? members->room * 2 : 16;
		members->p = must_realloc(
		    members->p, members->room * sizeof(*members->p));
	}
	members->p[members->n++] = *m;
}

enum db_rc
unread_count(struct db *db, struct chatter_id chatter, struct room_id room,
    struct message_id read, int64_t *unread)
{
	return absences_count(db, chatter, room, read, UNREAD_MAX, unread);
}

static enum db_rc
count(struct db *db, const struct membership *m, int64_t *unread)
{
	return unread_count(db, m->chatter, m->room, m->read, unread);
}

/* Tells the queue that UNREAD is the count now; MESSAGE may be NULL. */
static enum db_rc
tell(struct db *db, const struct membership *m, int64_t unread,
    const struct buf *message)
{
	struct scope scope = { SCOPE_USER, m->user.n };
	struct buf data = BUF_INIT;
	enum db_rc rc;

	rc = chatters_set_told(db, m->chatter, unread);
	if (rc != DB_OK)
		return rc;
	buf_addf(&data,
	    "{\"room\":\"%s\",\"unread\":%lld,\"message\":", m->name.s,
	    (long long)unread);
	if (message != NULL)
		buf_add(&data, message->p, message->len);
	else
		buf_adds(&data, "null");
	buf_addc(&data, '}');
	rc = events_append(db, scope, EVENT_UNREAD, &data, EVENT_ENDS_NOBODY);
	buf_done(&data);
	return rc;
}

/*
 * Tells the queue if it may know another count.  While nobody listened a
 * client may have read a count that the queue was never told; if messages were
 * erased after that, the count may be TOLD again, and the client must get that
 * event.
 */
static enum db_rc
tell_again(struct db *db, const struct membership *m)
{
	int64_t unread;
	enum db_rc rc = count(db, m, &unread);

	return rc == DB_OK && (unread != m->told || m->stale) ?
	    tell(db, m, unread, NULL) :
	    rc;
}

static enum db_rc
watch(struct db *db, const struct membership *m)
{
	enum db_rc rc =
	    unread_watchers_insert(db, m->chatter, m->room, m->user);

	return rc == DB_OK ? tell_again(db, m) : rc;
}

enum db_rc
unread_present(struct db *db, struct room_id room, struct chatter_id chatter)
{
	struct membership m;
	int64_t was_away;
	enum db_rc rc = absences_close(db, chatter, room, &was_away);

	if (rc == DB_OK)
		rc = unread_watchers_drop(db, chatter);
	if (rc != DB_OK || was_away == 0)
		return rc;
	rc = memberships_get(db, chatter, &m);
	return rc == DB_OK ? tell_again(db, &m) : rc;
}

enum db_rc
unread_absent(struct db *db, struct room_id room, struct chatter_id chatter,
    struct message_id heard)
{
	struct membership m;
	enum db_rc rc = absences_open(db, chatter, room, heard);

	if (rc == DB_OK)
		rc = absences_thin_out(db, chatter, ABSENCES_MAX);
	if (rc == DB_OK)
		rc = memberships_get(db, chatter, &m);
	if (rc == DB_OK)
		rc = listeners_any(db, m.user);
	if (rc == DB_OK)
		return watch(db, &m);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
unread_forget(struct db *db, struct chatter_id chatter)
{
	struct membership m;
	int64_t unread = 0, absences = 0;
	enum db_rc rc = memberships_get(db, chatter, &m);

	if (rc == DB_OK)
		rc = count(db, &m, &unread);
	if (rc == DB_OK)
		rc = absences_forget(db, chatter, &absences);
	if (rc == DB_OK)
		rc = unread_watchers_drop(db, chatter);
	if (rc != DB_OK || absences == 0)
		return rc;
	return unread > 0 || m.told > 0 || m.stale ? tell(db, &m, 0, NULL) :
						     DB_OK;
}

enum db_rc
unread_forget_room(struct db *db, const struct room *room)
{
	return events_silence_told(db, room->id, room->name.s);
}

enum db_rc
unread_listening(struct db *db, struct user_id user)
{
	struct members members = { 0 };
	enum db_rc rc = memberships_away(db, user, add_member, &members);

	for (size_t i = 0; rc == DB_OK && i < members.n; i++)
		rc = watch(db, &members.p[i]);
	free(members.p);
	return rc;
}

enum db_rc
unread_no_listener(struct db *db, struct user_id user)
{
	return unread_watchers_drop_user(db, user);
}

enum db_rc
unread_said(struct db *db, const struct room *room, struct chatter_id sender,
    const struct buf *message)
{
	struct members members = { 0 };
	enum db_rc rc =
	    memberships_watching(db, room->id, sender, add_member, &members);

	for (size_t i = 0; rc == DB_OK && i < members.n; i++) {
		const struct membership *m = &members.p[i];
		int64_t more = m->told < UNREAD_MAX ? 1 : 0;

		rc = tell(db, m, m->told + more, message);
	}
	free(members.p);
	return rc;
}

enum db_rc
unread_deleted(struct db *db, const struct room *room, struct chatter_id sender,
    struct message_id message)
{
	struct said said = { room->id, sender, message };
	struct members members = { 0 };
	enum db_rc rc = memberships_missed(db, &said, add_member, &members);

	if (rc == DB_OK)
		rc = rooms_mark_erased(db, room->id);
	for (size_t i = 0; rc == DB_OK && i < members.n; i++) {
		const struct membership *m = &members.p[i];

		/* Counting again would take long under the write lock. */
		rc = m->told < UNREAD_MAX ? tell(db, m, m->told - 1, NULL) :
					    tell_again(db, m);
	}
	free(members.p);
	return rc;
}

enum { RETOLD_AT_ONCE = 128 };

/* The queues' events about one message. */
struct retold {
	const struct buf *message;
	size_t same; /* leading bytes of it that an edit never changes */
	struct buf data[RETOLD_AT_ONCE];
	int64_t seqs[RETOLD_AT_ONCE];
	size_t n;
	int64_t seq; /* of the last one read */
	int end; /* others follow */
};

/* Whether E is an event that told a queue, perhaps a blanked one. */
static int
was_told(const struct event *e)
{
	return e->scope.type == SCOPE_USER &&
	    strcmp(e->kind, events_kind_text(EVENT_UNREAD)) == 0;
}

static enum events_go
retell(const struct event *e, void *arg)
{
	static const char head[] = ",\"message\":";
	struct retold *r = arg;
	const char *at = strstr(e->data, head);
	struct buf *data;

	if (at != NULL)
		at += sizeof(head) - 1;
	r->end = r->end || !was_told(e) ||
	    (at != NULL && strncmp(at, r->message->p, r->same) != 0);
	if (r->end)
		return EVENTS_STOP;
	r->seq = e->seq;
	/* The queue's user has been forgotten; other events follow. */
	if (at == NULL)
		return EVENTS_GO_ON;
	data = &r->data[r->n];
	buf_add(data, e->data, (size_t)(at - e->data));
	buf_add(data, r->message->p, r->message->len);
	buf_addc(data, '}');
	r->seqs[r->n++] = e->seq;
	return EVENTS_GO_ON;
}

enum db_rc
unread_rewrite(struct db *db, int64_t seq, const struct buf *message)
{
	struct retold r = { .message = message, .seq = seq };
	const char *chatter = strstr(buf_str(message), ",\"chatter\":");
	enum db_rc rc = DB_OK;

	must(chatter != NULL);
	r.same = (size_t)(chatter - message->p);
	while (rc == DB_OK && !r.end) {
		r.n = 0;
		rc = events_after(db, r.seq, RETOLD_AT_ONCE, retell, &r);
		for (size_t i = 0; i < r.n; i++) {
			if (rc == DB_OK)
				rc = events_rewrite(db, r.seqs[i], &r.data[i]);
			buf_done(&r.data[i]);
		}
	}
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
move_marker(struct db *db, struct membership *m, struct message_id to)
{
	int64_t unread;
	enum db_rc rc;

	m->read = to;
	rc = absences_drop_past(db, m->chatter, to);
	if (rc == DB_OK)
		rc = count(db, m, &unread);
	if (rc == DB_OK)
		rc = chatters_set_read(db, m->chatter, to, unread);
	return rc;
}

/* Adds {"room","message","unread"} of M. */
static enum db_rc
add_read(struct db *db, const struct membership *m, struct buf *b)
{
	int64_t unread;
	enum db_rc rc = count(db, m, &unread);

	if (rc == DB_OK)
		buf_addf(b,
		    "{\"room\":\"%s\",\"message\":%lld,\"unread\":%lld}",
		    m->name.s, (long long)m->read.n, (long long)unread);
	return rc;
}

enum db_rc
unread_read(struct db *db, const struct room *room, struct chatter_id chatter,
    struct message_id message, struct buf *b)
{
	struct buf data = BUF_INIT;
	struct scope scope = { .type = SCOPE_USER };
	struct message_id last = { 0 };
	struct membership m;
	int moved = 0;
	enum db_rc rc = memberships_get(db, chatter, &m);

	if (rc == DB_OK)
		rc = messages_last(db, room->id, &last);
	if (rc == DB_OK && message.n > last.n)
		message = last;
	if (rc == DB_OK && message.n > m.read.n) {
		moved = 1;
		rc = move_marker(db, &m, message);
	}
	if (rc == DB_OK)
		rc = add_read(db, &m, &data);
	if (rc == DB_OK && moved) {
		scope.id = m.user.n;
		rc = events_append(
		    db, scope, EVENT_READ, &data, EVENT_ENDS_NOBODY);
	}
	buf_add(b, data.p, data.len);
	buf_done(&data);
	return rc;
}
