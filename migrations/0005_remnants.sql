-- 5: rooms that are deleted, however large, in short writes.

-- A remnant of a room, which nobody finds: its events before this seq still tell what they told; NULL: the room is there.
ALTER TABLE room ADD COLUMN gone INTEGER;

CREATE INDEX room_gone ON room (gone) WHERE gone IS NOT NULL;

PRAGMA user_version = 5;
