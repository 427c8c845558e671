/* The schema: what is kept, what finds it, and what becomes of older stores. */
const PEOPLE = "migrations/0002_who_people_are.sql";
const TALK = "migrations/0001_rooms_that_talk.sql";
const DELIVERED = "migrations/0007_what_was_delivered.sql";
const STEADY = "migrations/0008_steady.sql";
const FEWER_PAGES = "migrations/0015_fewer_pages_a_message.sql";
const IN_THE_LOG = "migrations/0014_messages_in_the_log.sql";

export default [
  {
    name: "the events of a room are found by walking the log", file: IN_THE_LOG, by: ["unit/db_plans"],
    old: "CREATE INDEX event_target ON event (scope, target, seq);\n", now: "",
  },
  {
    name: "the connections of a daemon are found by walking all", file: TALK, by: ["unit/db_plans"],
    old: "CREATE INDEX presence_node ON presence (node) WHERE node IS NOT NULL;\n", now: "",
  },
  {
    name: "rooms that expire are found by walking all", file: PEOPLE, by: ["unit/db_plans"],
    old: "CREATE INDEX room_expires ON room (expires) WHERE expires IS NOT NULL AND closed = 0;\n", now: "",
  },
  {
    name: "a person's bans are found by walking all", file: PEOPLE, by: ["unit/db_plans"],
    old: "CREATE INDEX ban_user ON ban (user);\n", now: "",
  },
  {
    name: "a notification that has acts cannot be deleted", file: PEOPLE, by: ["unit/db_notifications"],
    old: "REFERENCES notification (id) ON DELETE CASCADE,", now: "REFERENCES notification (id),",
  },
  {
    name: "who has left is away after a migration", file: PEOPLE, by: ["unit/db_migrate"],
    old: "WHERE left_at IS NULL\nAND NOT EXISTS (SELECT 1 FROM presence", now: "WHERE left_at IS NOT NULL\nOR NOT EXISTS (SELECT 1 FROM presence",
  },
  {
    name: "an old room does not know its newest message", file: PEOPLE, by: ["unit/db_migrate"],
    old: "WHERE message.room = room.id AND message.chatter IS NOT NULL", now: "WHERE message.room = room.id AND message.chatter IS NULL",
  },
  {
    name: "an old message does not know the event that told it", file: PEOPLE, by: ["unit/db_migrate"],
    old: "WHERE scope = 0 AND kind IN ('message', 'alert')) AS e", now: "WHERE scope = 0 AND kind IN ('message')) AS e",
  },
  {
    name: "an old connection was delivered nothing", file: DELIVERED, by: ["unit/db_migrate"],
    old: "\t(SELECT max(seq) FROM event), 0);\n", now: "\t0);\n",
  },
  {
    name: "a store that is migrated while the machine runs has no steady time", file: STEADY, by: ["unit/db_migrate"],
    old: "UPDATE meta SET boot = '';\n", now: "",
  },
  {
    name: "a room that was closed before a migration is deleted after it", file: STEADY, by: ["unit/db_migrate"],
    old: "UPDATE room SET closed_at = expires WHERE closed = 1 AND expires IS NOT NULL;\n", now: "",
  },
  {
    name: "a migrated message is told twice", file: IN_THE_LOG, by: ["unit/db_migrate"],
    old: "WHERE kind NOT IN ('message', 'alert')\nOR NOT EXISTS", now: "WHERE 1 OR NOT EXISTS",
  },
  {
    name: "a migrated room forgets what was said before its newest notices", file: FEWER_PAGES, by: ["unit/db_migrate"],
    old: "UPDATE room SET said_before_notice = said WHERE said <> 0;\n", now: "",
  },
  {
    name: "messages with a client_id are found by walking all", file: FEWER_PAGES, by: ["unit/db_plans"],
    old: "ON message (client_id, chatter)", now: "ON message (sent, chatter)",
  },
];
