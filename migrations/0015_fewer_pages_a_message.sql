-- 15: a message writes fewer pages.

-- Client ids that begin with the time stand side by side, whoever sent them, so a batch of messages shares a page.
DROP INDEX message_client;
DROP INDEX message_key;
CREATE UNIQUE INDEX message_client ON message (client_id, chatter)
WHERE chatter IS NOT NULL AND client_id IS NOT NULL;
CREATE UNIQUE INDEX message_key ON message (client_id, key, room)
WHERE key IS NOT NULL AND client_id IS NOT NULL;

-- A room's row is written by notices only: the newest message is the last entry of message_room.
ALTER TABLE room ADD COLUMN said_before_notice INTEGER /* while the newest message is a notice: the newest that is none; 0: none */ NOT NULL DEFAULT 0;
UPDATE room SET said_before_notice = said WHERE said <> 0;
ALTER TABLE room DROP COLUMN said;
ALTER TABLE room DROP COLUMN last_message;

PRAGMA user_version = 15;
