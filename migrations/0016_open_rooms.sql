-- 16: who may send to a room without being in it.

ALTER TABLE room ADD COLUMN post INTEGER NOT NULL DEFAULT 0 CHECK (post IN (0, 1));	-- enum posting

PRAGMA user_version = 16;
