-- 11: a nickname has a third key, of the name in capitals.

ALTER TABLE chatter ADD COLUMN capital_key TEXT NOT NULL DEFAULT '';

CREATE INDEX chatter_capital ON chatter (room, capital_key);

PRAGMA user_version = 11;
