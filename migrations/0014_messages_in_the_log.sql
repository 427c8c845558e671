-- 14: a message is its own entry in the log, and stands in one place.

-- Its seq is the key of its row, so messages are appended, whatever their room, and event has no row for them.
CREATE TABLE message_14 (
	event		INTEGER PRIMARY KEY,	-- its seq in the log; below 0: unknown, and long gone from it
	room		INTEGER NOT NULL REFERENCES room (id),
	id		INTEGER NOT NULL,	-- 1, 2, 3 … in its room
	chatter		INTEGER,		-- NULL: the server, or a service key
	key		INTEGER,		-- the service key that sent it
	type		INTEGER NOT NULL CHECK (type IN (0, 1)),	-- enum message_type
	sent		INTEGER NOT NULL,	-- steady time
	edit		INTEGER NOT NULL DEFAULT 0,	-- seq of the event that told its last edit
	deleted		INTEGER,		-- when
	client_id	TEXT CHECK (length(client_id) BETWEEN 1 AND 64),	-- NULL: none was sent
	json		TEXT NOT NULL		-- as the room is told now
) STRICT;

CREATE INDEX message_by_event ON message (event) WHERE event > 0;

INSERT INTO message_14 (event, room, id, chatter, key, type, sent, edit, deleted, client_id, json)
SELECT row_number() OVER (ORDER BY room, id) - 1 - (SELECT count(*) FROM message WHERE event <= 0),
	room, id, chatter, key, type, sent, edit, deleted, client_id, json
FROM message WHERE event <= 0;

INSERT INTO message_14 (event, room, id, chatter, key, type, sent, edit, deleted, client_id, json)
SELECT event, room, id, chatter, key, type, sent, edit, deleted, client_id, json
FROM message INDEXED BY message_by_event WHERE event > 0 ORDER BY event;

-- Without AUTOINCREMENT: a new seq follows the largest of both tables and of meta.floor.
CREATE TABLE event_14 (
	seq	INTEGER PRIMARY KEY,	-- of all but messages, which stand in message
	scope	INTEGER NOT NULL CHECK (scope IN (0, 1)),	-- enum scope_type
	target	INTEGER NOT NULL,	-- room.id or person.id
	kind	TEXT NOT NULL,
	data	TEXT NOT NULL,		-- JSON; '{}' when what it told of was erased
	ends	INTEGER NOT NULL DEFAULT 0,	-- chatter c who left; -1 - c who was removed; -1 all; 0 nobody
	made	INTEGER NOT NULL,	-- steady time
	rewrote	INTEGER NOT NULL DEFAULT 0	-- seq of the earliest event whose data this one changed; 0: none
) STRICT;

INSERT INTO event_14 (seq, scope, target, kind, data, ends, made, rewrote)
SELECT seq, scope, target, kind, data, ends, made, rewrote FROM event
WHERE kind NOT IN ('message', 'alert')
OR NOT EXISTS (SELECT 1 FROM message_14 WHERE message_14.event = seq)
ORDER BY seq;

-- The log goes on where it was, even if its newest events are gone.
UPDATE meta SET floor = max(floor, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0))
WHERE NOT EXISTS (SELECT 1 FROM event);

DROP TABLE message;
DROP TABLE event;
ALTER TABLE message_14 RENAME TO message;
ALTER TABLE event_14 RENAME TO event;

CREATE UNIQUE INDEX message_room ON message (room, id);
CREATE UNIQUE INDEX message_client ON message (chatter, client_id)
WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX message_key ON message (key, room, client_id)
WHERE key IS NOT NULL AND client_id IS NOT NULL;
CREATE INDEX event_target ON event (scope, target, seq);

PRAGMA user_version = 14;
