-- 8: a time of the store's own, so that no set of the wall clock moves a limit.

-- Steady time is lease time plus this; found anew at each boot (db/steady.h).
ALTER TABLE meta ADD COLUMN anchor INTEGER NOT NULL DEFAULT 0;

-- The next program to open the store takes this for a new boot, and sets it.
UPDATE meta SET boot = '';

-- A closed room is deleted some time after it was closed, whatever its date.
ALTER TABLE room ADD COLUMN closed_at INTEGER NOT NULL DEFAULT 0;	/* steady time */
UPDATE room SET closed_at = expires WHERE closed = 1 AND expires IS NOT NULL;
DROP INDEX room_closed;
CREATE INDEX room_closed ON room (closed_at) WHERE closed = 1;
CREATE INDEX room_reopened ON room (expires) WHERE closed = 1;

PRAGMA user_version = 8;
