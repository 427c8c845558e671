-- 9: until when leases have been moved because the service was down.

ALTER TABLE meta ADD COLUMN served INTEGER NOT NULL DEFAULT 0;	-- lease time; see db/leases.h

PRAGMA user_version = 9;
