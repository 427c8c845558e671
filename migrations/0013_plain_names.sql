-- 13: tables and columns get the field's names, and none that is a keyword of SQL.

ALTER TABLE user RENAME TO person;
ALTER TABLE goodbye RENAME TO disconnect;
ALTER TABLE bucket RENAME TO rate_limit;
ALTER TABLE awaiting RENAME TO unread_watcher;
ALTER TABLE withheld RENAME TO coalesced;
ALTER TABLE outcast RENAME TO banned_subject;

ALTER TABLE token RENAME COLUMN user TO person;
ALTER TABLE chatter RENAME COLUMN user TO person;
ALTER TABLE service_key RENAME COLUMN user TO person;
ALTER TABLE listener RENAME COLUMN user TO person;
ALTER TABLE unread_watcher RENAME COLUMN user TO person;
ALTER TABLE ban RENAME COLUMN user TO person;
ALTER TABLE banned_subject RENAME COLUMN user TO person;
ALTER TABLE idempotency RENAME COLUMN user TO person;
ALTER TABLE notification RENAME COLUMN user TO person;
ALTER TABLE disconnect RENAME COLUMN user TO person;
ALTER TABLE rate_limit RENAME COLUMN full TO full_at;

PRAGMA user_version = 13;
