-- 6: a nickname has two keys, of the name as written and as folded.

-- What the keys of nicknames were made by; '': parlor migrate makes them anew.
ALTER TABLE meta ADD COLUMN name_keys TEXT NOT NULL DEFAULT '';

ALTER TABLE chatter ADD COLUMN folded_key TEXT NOT NULL DEFAULT '';

CREATE INDEX chatter_folded ON chatter (room, folded_key);

PRAGMA user_version = 6;
