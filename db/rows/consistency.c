#include "db/rows/consistency.h"

#include "db/rows/said.h"
#include "db/rows/seq.h"

/* A tombstone has neither presence rows nor unread watchers. */
#define OF_A_ROOM " AND room NOT IN (SELECT id FROM room WHERE gone >= 0)"

const struct schema_question consistency_questions[] = {
	{ "SELECT 'the store has ' || n || ' rows of meta' FROM"
	  " (SELECT count(*) AS n FROM meta) WHERE n <> 1",
	    "restore the last backup" },
	{ "SELECT 'room ' || name || ' says that ' || online || ' are online,"
	  " but ' || n || ' are' FROM (SELECT name, online,"
	  " (SELECT count(DISTINCT chatter) FROM presence"
	  " WHERE presence.room = room.id) AS n FROM room) WHERE online <> n",
	    "report this, and set room.online to the number of"
	    " chatters with presence" },
	{ "SELECT 'person ' || id || ' has ' || unread || ' unread notifications,"
	  " but ' || n || ' are stored' FROM (SELECT id, unread,"
	  " (SELECT count(*) FROM notification WHERE notification.person ="
	  " person.id AND read IS NULL) AS n FROM person) WHERE unread <> n",
	    "report this, and set person.unread to the number of notification"
	    " rows with read NULL" },
	{ "SELECT 'notification ' || id || ' stands for ' || count ||"
	  " ' acts, but ' || n || ' are stored' FROM (SELECT id, count, latest,"
	  " (SELECT count(*) FROM act WHERE notification = notification.id)"
	  " AS n FROM notification) AS one WHERE count < n OR NOT EXISTS"
	  " (SELECT 1 FROM act WHERE act.id = one.latest"
	  " AND act.notification = one.id)",
	    "report this, and delete that row of notification" },
	{ "SELECT 'chatter ' || name || ' is away, but no absence says so'"
	  " FROM chatter WHERE left_at IS NULL AND id NOT IN"
	  " (SELECT chatter FROM presence) AND id NOT IN"
	  " (SELECT chatter FROM absence WHERE upto IS NULL)" OF_A_ROOM,
	    "report this, and insert the absence" },
	{ "SELECT 'chatter ' || name || ' is no member who is away, but an"
	  " absence says so' FROM absence JOIN chatter ON id = chatter"
	  " WHERE upto IS NULL AND (left_at IS NOT NULL OR id IN"
	  " (SELECT chatter FROM presence))",
	    "report this, and delete the absence" },
	{ "SELECT 'chatter ' || name || ' is away and listens, but awaits no"
	  " messages' FROM absence JOIN chatter ON id = chatter"
	  " WHERE upto IS NULL AND person IN (SELECT person FROM listener)"
	  " AND id NOT IN (SELECT chatter FROM unread_watcher)" OF_A_ROOM,
	    "report this, and delete the person's listeners" },
	{ "SELECT 'chatter ' || name || ' awaits messages, but is present or"
	  " does not listen' FROM unread_watcher JOIN chatter"
	  " ON chatter.id = unread_watcher.chatter"
	  " WHERE chatter.id NOT IN"
	  " (SELECT chatter FROM absence WHERE upto IS NULL)"
	  " OR unread_watcher.person NOT IN (SELECT person FROM listener)",
	    "report this, and delete it from unread_watcher" },
	{ "SELECT 'chatter ' || name || ' was told that ' || told || ' are"
	  " unread, but ' || n || ' are' FROM (SELECT name, told,"
	  " (SELECT min(count(*), 1000) FROM absence AS a JOIN message AS m"
	  " ON m.room = c.room AND m.id > max(a.since, c.read)"
	  " AND m.id <= coalesce(a.upto, m.id) WHERE a.chatter = c.id"
	  " AND m.deleted IS NULL"
	  " AND coalesce(m.chatter <> c.id, m.key IS NOT NULL)) AS n"
	  " FROM (SELECT chatter FROM unread_watcher"
	  " UNION SELECT chatter FROM presence) AS w"
	  " JOIN chatter AS c ON c.id = w.chatter)"
	  " WHERE told <> n",
	    "report this; the count is right again with the next visit" },
	{ "SELECT 'room ' || name || ' says that message ' || said ||"
	  " ' came before its newest notices, but it is ' || n FROM"
	  " (SELECT name, " SAID_IN(
	      "r.id") " AS said,"
		      " (SELECT coalesce(max(m.id), 0) FROM message AS m"
		      " WHERE m.room = r.id AND coalesce(m.chatter, m.key) IS NOT NULL)"
		      " AS n FROM room AS r WHERE r.gone IS NULL) WHERE said <> n",
	    "report this, and set room.said_before_notice to the latter" },
	{ "SELECT 'the log should have ' || (head - floor) || ' events since ' ||"
	  " floor || ', but it has ' || n FROM (SELECT floor, " SEQ_NEWEST
	  " AS head, (SELECT count(*) FROM event WHERE seq > floor) +"
	  " (SELECT count(*) FROM message WHERE event > floor) AS n FROM meta)"
	  " WHERE n <> head - floor",
	    "report this, and restore the last backup" },
	{ "SELECT 'event ' || seq || ' is also a message' FROM event"
	  " JOIN message ON event = seq",
	    "report this, and delete that row of event" },
	{ NULL, NULL },
};
