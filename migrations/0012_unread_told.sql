-- 12: whether a member's queue may not know the count of unread messages.

ALTER TABLE room ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;	-- the log's newest seq when a message was last deleted
ALTER TABLE chatter ADD COLUMN told_at INTEGER NOT NULL DEFAULT 0;	-- the log's newest seq when the queue was last told, or the room joined

-- Until now nobody who was present was told.
UPDATE chatter SET told = (SELECT min(count(*), 1000)
	FROM absence AS a JOIN message AS m ON m.room = chatter.room
	AND m.id > max(a.since, chatter.read)
	AND m.id <= coalesce(a.upto, m.id)
	WHERE a.chatter = chatter.id AND m.deleted IS NULL
	AND coalesce(m.chatter <> chatter.id, m.key IS NOT NULL))
WHERE id IN (SELECT chatter FROM presence);

PRAGMA user_version = 12;
