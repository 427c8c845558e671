-- 1: rooms, the people in them, what they say, the log of events and presence.

CREATE TABLE meta (
	one	INTEGER PRIMARY KEY CHECK (one = 1),
	epoch	TEXT NOT NULL CHECK (length(epoch) = 8),	-- of cursors; changes on restore
	floor	INTEGER NOT NULL,	-- events with seq <= floor have been pruned
	secret	BLOB NOT NULL CHECK (length(secret) = 32),	-- signs stream tickets
	boot	TEXT NOT NULL		-- the machine's boot id that lease times belong to
) STRICT;

INSERT INTO meta (one, epoch, floor, secret, boot)
VALUES (1, lower(hex(randomblob(4))), 0, randomblob(32), '');

CREATE TABLE user (
	id	INTEGER PRIMARY KEY,
	made	INTEGER NOT NULL	-- ms since 1970 UTC, as all wall times
) STRICT;

CREATE TABLE token (
	hash	BLOB PRIMARY KEY CHECK (length(hash) = 32),	-- BLAKE2b-256
	user	INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
	made	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX token_user ON token (user);

CREATE TABLE room (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- an id is never used again
	name		TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 3 AND 40),
	namespace	TEXT NOT NULL CHECK (length(namespace) BETWEEN 1 AND 64),
	title		TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
	capacity	INTEGER NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
	grace		INTEGER NOT NULL CHECK (grace BETWEEN 0 AND 600000),	-- ms
	expires		INTEGER,		-- NULL: never
	listed		INTEGER NOT NULL CHECK (listed IN (0, 1)),
	owner		INTEGER NOT NULL REFERENCES user (id),
	made		INTEGER NOT NULL,
	online		INTEGER NOT NULL DEFAULT 0 CHECK (online >= 0),	-- chatters with presence rows
	last_message	INTEGER NOT NULL DEFAULT 0	-- newest message's id
) STRICT;

CREATE INDEX room_listed ON room (namespace, id) WHERE listed = 1;
CREATE INDEX room_owner ON room (owner);

CREATE TABLE chatter (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	name		TEXT NOT NULL UNIQUE CHECK (length(name) = 16),	-- what others see
	room		INTEGER NOT NULL REFERENCES room (id),
	user		INTEGER NOT NULL REFERENCES user (id),
	nickname	TEXT NOT NULL CHECK (length(nickname) BETWEEN 1 AND 48),
	nickname_key	TEXT NOT NULL,		-- equal for what looks the same
	role		INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),	-- enum role
	joined		INTEGER NOT NULL,	-- first time
	left_at		INTEGER,		-- NULL: is in the room
	UNIQUE (room, user)
) STRICT;

CREATE INDEX chatter_nickname ON chatter (room, nickname_key);
CREATE INDEX chatter_user ON chatter (user);

CREATE TABLE message (
	room		INTEGER NOT NULL REFERENCES room (id),
	id		INTEGER NOT NULL,	-- 1, 2, 3 … in its room
	chatter		INTEGER,		-- NULL: a notice of the server's
	type		INTEGER NOT NULL CHECK (type IN (0, 1)),	-- enum message_type
	sent		INTEGER NOT NULL,
	client_id	TEXT CHECK (length(client_id) BETWEEN 1 AND 64),	-- NULL: none was sent
	json		TEXT NOT NULL,		-- as it was told to the room
	PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX message_client ON message (chatter, client_id)
WHERE client_id IS NOT NULL;

CREATE TABLE event (
	seq	INTEGER PRIMARY KEY AUTOINCREMENT,
	scope	INTEGER NOT NULL CHECK (scope IN (0, 1)),	-- enum scope_type
	target	INTEGER NOT NULL,	-- room.id or user.id
	kind	TEXT NOT NULL,
	data	TEXT NOT NULL,		-- JSON; '{}' when what it told of was erased
	ends	INTEGER NOT NULL DEFAULT 0,	-- chatter c who left; -1 - c who was removed; -1 all; 0 nobody
	made	INTEGER NOT NULL
) STRICT;

CREATE INDEX event_target ON event (scope, target, seq);

CREATE TABLE node (
	id	INTEGER PRIMARY KEY AUTOINCREMENT,	-- one run of one daemon
	lease	INTEGER NOT NULL		-- lease time at which it counts as dead
) STRICT;

CREATE TABLE presence (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- one connection in one room
	room		INTEGER NOT NULL REFERENCES room (id),
	chatter		INTEGER NOT NULL REFERENCES chatter (id),
	conn		TEXT NOT NULL CHECK (length(conn) BETWEEN 1 AND 64),
	transport	INTEGER NOT NULL CHECK (transport BETWEEN 0 AND 2),	-- enum transport
	node		INTEGER,		-- NULL: expires by itself
	expires		INTEGER,		-- lease time; NULL: lives with its node
	UNIQUE (chatter, conn)
) STRICT;

CREATE INDEX presence_room ON presence (room, chatter);
CREATE INDEX presence_expires ON presence (expires) WHERE expires IS NOT NULL;
CREATE INDEX presence_node ON presence (node) WHERE node IS NOT NULL;

PRAGMA user_version = 1;
