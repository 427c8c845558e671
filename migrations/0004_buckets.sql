-- 4: how often somebody may.

-- Those that are not full: a token comes back by itself, so one time says how many there are.
CREATE TABLE bucket (
	key	BLOB PRIMARY KEY CHECK (length(key) = 32),	-- of whom and for what, keyed by meta.secret
	full	INTEGER NOT NULL	-- us since 1970 UTC, when it is full again
) STRICT, WITHOUT ROWID;

CREATE INDEX bucket_full ON bucket (full);

PRAGMA user_version = 4;
