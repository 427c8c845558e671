-- 7: which events each connection was delivered, so that the others can be counted.

ALTER TABLE presence ADD COLUMN since INTEGER NOT NULL DEFAULT 0;	-- its connection was delivered the room's events with since < seq <= upto
ALTER TABLE presence ADD COLUMN upto INTEGER NOT NULL DEFAULT 0;	-- or more, where SLOT says so
ALTER TABLE presence ADD COLUMN slot INTEGER;	-- where its daemon notes what a stream was delivered (db/delivered.h); NULL: nowhere

UPDATE presence SET upto = coalesce(
	(SELECT nullif(event, 0) FROM message
	WHERE message.room = presence.room AND message.id = presence.heard),
	(SELECT max(seq) FROM event), 0);
UPDATE presence SET since = upto;

ALTER TABLE presence DROP COLUMN heard;

-- What connections that have ended were delivered, while their chatter is present by others; the spans do not touch.
CREATE TABLE delivered (
	chatter	INTEGER NOT NULL REFERENCES chatter (id) ON DELETE CASCADE,
	since	INTEGER NOT NULL,
	upto	INTEGER NOT NULL,
	PRIMARY KEY (chatter, since)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 7;
