-- 3: what was on its way when its connection said goodbye.

-- A connection that has said goodbye of late: a poll under its name is an old one.
CREATE TABLE goodbye (
	user	INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
	conn	TEXT NOT NULL CHECK (length(conn) BETWEEN 1 AND 64),
	said	INTEGER NOT NULL,	-- lease time
	PRIMARY KEY (user, conn)
) STRICT, WITHOUT ROWID;

CREATE INDEX goodbye_said ON goodbye (said);

PRAGMA user_version = 3;
