-- 2: who people are, rooms in full, unread counts, notifications.

ALTER TABLE user ADD COLUMN name TEXT CHECK (length(name) = 16);	-- what GET /me calls the user
ALTER TABLE user ADD COLUMN subject TEXT CHECK (length(subject) BETWEEN 1 AND 255);	-- of the embedding site's JWT; NULL: anonymous
ALTER TABLE user ADD COLUMN unread INTEGER NOT NULL DEFAULT 0 CHECK (unread >= 0);	-- notifications not read

UPDATE user SET name = lower(hex(randomblob(8)));
CREATE UNIQUE INDEX user_name ON user (name);
CREATE UNIQUE INDEX user_subject ON user (subject) WHERE subject IS NOT NULL;

CREATE TABLE service_key (
	id	INTEGER PRIMARY KEY AUTOINCREMENT,
	name	TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 40),
	hash	BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),	-- BLAKE2b-256
	scopes	INTEGER NOT NULL,	-- bits of enum key_scope
	user	INTEGER NOT NULL REFERENCES user (id),	-- owns what the key makes
	made	INTEGER NOT NULL,
	revoked	INTEGER			-- NULL: is good
) STRICT;

ALTER TABLE room ADD COLUMN password TEXT;	-- argon2id, as libsodium writes it; NULL: none
ALTER TABLE room ADD COLUMN notices INTEGER NOT NULL DEFAULT 0 CHECK (notices BETWEEN 0 AND 2);	-- enum notices
ALTER TABLE room ADD COLUMN slow INTEGER NOT NULL DEFAULT 0 CHECK (slow BETWEEN 0 AND 3600000);	-- ms between two messages of a member
ALTER TABLE room ADD COLUMN closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1));	-- its expiry has been told

ALTER TABLE room ADD COLUMN said INTEGER NOT NULL DEFAULT 0;	-- newest message's id, notices left out

CREATE INDEX room_expires ON room (expires) WHERE expires IS NOT NULL AND closed = 0;
CREATE INDEX room_closed ON room (expires) WHERE closed = 1;

ALTER TABLE chatter ADD COLUMN read INTEGER NOT NULL DEFAULT 0;	-- read marker: a message's id
ALTER TABLE chatter ADD COLUMN told INTEGER NOT NULL DEFAULT 0;	-- unread count as it was last told
ALTER TABLE chatter ADD COLUMN spoke INTEGER NOT NULL DEFAULT 0;	-- when, for slow mode

ALTER TABLE message ADD COLUMN key INTEGER;	-- the service key that sent it
ALTER TABLE message ADD COLUMN event INTEGER NOT NULL DEFAULT 0;	-- seq of the event that told it
ALTER TABLE message ADD COLUMN edit INTEGER NOT NULL DEFAULT 0;	-- seq of the event that told its last edit
ALTER TABLE message ADD COLUMN deleted INTEGER;	-- when

CREATE UNIQUE INDEX message_key ON message (key, room, client_id)
WHERE key IS NOT NULL AND client_id IS NOT NULL;

UPDATE room SET said = coalesce((SELECT id FROM message
	WHERE message.room = room.id AND message.chatter IS NOT NULL
	ORDER BY message.id DESC LIMIT 1), 0);

UPDATE message SET event = e.seq FROM (SELECT seq, target,
	data ->> '$.message.id' AS id FROM event
	WHERE scope = 0 AND kind IN ('message', 'alert')) AS e
WHERE message.room = e.target AND message.id = e.id;

ALTER TABLE event ADD COLUMN rewrote INTEGER NOT NULL DEFAULT 0;	-- seq of the earliest event whose data this one changed; 0: none

ALTER TABLE presence ADD COLUMN heard INTEGER;	-- newest message when nobody listened any more; NULL: may still listen

-- A connection that hears its user's queue; lives as presence rows do.
CREATE TABLE listener (
	id	INTEGER PRIMARY KEY AUTOINCREMENT,
	user	INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
	conn	TEXT NOT NULL CHECK (length(conn) BETWEEN 1 AND 64),
	node	INTEGER,	-- NULL: expires by itself
	expires	INTEGER,	-- lease time; NULL: lives with its node
	grace	INTEGER NOT NULL,	-- ms that it outlives its stream
	UNIQUE (user, conn)
) STRICT;

CREATE INDEX listener_expires ON listener (expires) WHERE expires IS NOT NULL;
CREATE INDEX listener_node ON listener (node) WHERE node IS NOT NULL;

-- Members who are not in the room while some connection hears their queue.
CREATE TABLE awaiting (
	chatter	INTEGER PRIMARY KEY REFERENCES chatter (id) ON DELETE CASCADE,
	room	INTEGER NOT NULL REFERENCES room (id),
	user	INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX awaiting_room ON awaiting (room);
CREATE INDEX awaiting_user ON awaiting (user);

-- What a member was not there for: the messages with since < id <= upto.
CREATE TABLE absence (
	chatter	INTEGER NOT NULL REFERENCES chatter (id) ON DELETE CASCADE,
	since	INTEGER NOT NULL,
	upto	INTEGER,	-- NULL: is away now
	PRIMARY KEY (chatter, since)
) STRICT, WITHOUT ROWID;

INSERT INTO absence (chatter, since) SELECT chatter.id, room.said
FROM chatter JOIN room ON room.id = chatter.room WHERE left_at IS NULL
AND NOT EXISTS (SELECT 1 FROM presence WHERE presence.chatter = chatter.id);

CREATE TABLE ban (
	room	INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
	user	INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
	until	INTEGER,	-- NULL: for good
	PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;

CREATE INDEX ban_user ON ban (user);

-- Who was forgotten while banned: by no name, but to be known again.
CREATE TABLE outcast (
	hash	BLOB PRIMARY KEY CHECK (length(hash) = 32),	-- of the subject, keyed by meta.secret
	user	INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX outcast_user ON outcast (user);

-- How fast notices came to a room of late: a burst is told together.
CREATE TABLE notice_pace (
	room	INTEGER PRIMARY KEY REFERENCES room (id) ON DELETE CASCADE,
	began	INTEGER NOT NULL,	-- lease time of the first within a second
	told	INTEGER NOT NULL,	-- notices since then
	due	INTEGER		-- lease time at which what is withheld is told; NULL: nothing is
) STRICT;

CREATE INDEX notice_pace_due ON notice_pace (due) WHERE due IS NOT NULL;

-- Who came or went while the room was spared notices.
CREATE TABLE withheld (
	chatter	INTEGER NOT NULL REFERENCES chatter (id) ON DELETE CASCADE,
	again	INTEGER NOT NULL CHECK (again IN (0, 1)),	-- 1: follows the row with 0
	room	INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
	notice	INTEGER NOT NULL CHECK (notice BETWEEN 0 AND 4),	-- enum notice
	PRIMARY KEY (chatter, again)
) STRICT, WITHOUT ROWID;

CREATE INDEX withheld_room ON withheld (room, notice, again, chatter);

-- What was made for an Idempotency-Key.
CREATE TABLE idempotency (
	hash	BLOB PRIMARY KEY CHECK (length(hash) = 32),	-- of caller, route and key
	request	BLOB NOT NULL CHECK (length(request) = 32),	-- of what was asked
	user	INTEGER NOT NULL,	-- for whom
	made_id	INTEGER NOT NULL,	-- what was made
	made	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_made ON idempotency (made);
CREATE INDEX idempotency_user ON idempotency (user);

CREATE TABLE notification (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	user		INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
	room		TEXT NOT NULL,	-- name of the room whose members did it; '' a service told
	type		TEXT NOT NULL CHECK (length(type) BETWEEN 1 AND 40),
	target_kind	TEXT NOT NULL,	-- '' none
	target_id	TEXT NOT NULL,	-- '' none
	count		INTEGER NOT NULL CHECK (count >= 1),	-- acts collapsed into it
	latest		INTEGER NOT NULL,	-- the act whose words it has
	made		INTEGER NOT NULL,
	changed		INTEGER NOT NULL,	-- when the last act was added; each of a user differs
	read		INTEGER			-- when; NULL: unread
) STRICT;

CREATE UNIQUE INDEX notification_user ON notification (user, changed);
CREATE UNIQUE INDEX notification_open ON notification (user, room, type, target_kind, target_id)
WHERE read IS NULL AND target_kind <> '';

-- The acts that a notification stands for, the newest of them if there are very many.
CREATE TABLE act (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	notification	INTEGER NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
	actor		TEXT,	-- a chatter's name, or what a service calls who did it; NULL: not said
	text		TEXT NOT NULL,
	parent_id	TEXT NOT NULL,	-- '' none
	payload		TEXT NOT NULL	-- a JSON object
) STRICT;

CREATE UNIQUE INDEX act_actor ON act (notification, actor);

PRAGMA user_version = 2;
