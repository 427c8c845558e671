/* Fills a room with many messages by SQL, as if they had been sent. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

export const FILLED = "filled-room";
const EVENTS_KEEP = 1_000_000;
const CONTENT = "a message of the usual length, as people write them in a room";

const json = (id) => `'{"id":' || ${id} || ',"type":"message","room":"${FILLED}","chatter":{"id":"aaaaaaaaaaaaaaaa","nickname":"Kind Deer 62"},`
  + `"content":"${CONTENT}","client_id":null,"created_at":"2026-01-01T00:00:00.000Z"}'`;

function sql(n) {
  const pruned = Math.max(0, n - EVENTS_KEEP);
  return `PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; BEGIN;
WITH RECURSIVE i(id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM i WHERE id < ${n})
INSERT INTO message (event, room, id, chatter, type, sent, client_id, json)
SELECT (SELECT coalesce(max(seq), 0) FROM event) + i.id, room.id, i.id, NULL, 0, 1767225600000 + i.id, NULL, ${json("i.id")} FROM i, room WHERE room.name = '${FILLED}';
UPDATE meta SET floor = (SELECT event FROM message WHERE id = ${pruned}) WHERE ${pruned} > 0;
DELETE FROM event WHERE seq <= (SELECT floor FROM meta);
COMMIT; PRAGMA journal_mode = WAL;`;
}

/* DATA is a directory with a database that no program has open, made by BUILD. */
export function fill(build, data, n) {
  execFileSync(join(build, "parlor"), ["--data", data, "room", "create", FILLED, "--capacity", "100"], { stdio: "ignore" });
  execFileSync("sqlite3", ["-bail", join(data, "parlor.db"), sql(n)], { stdio: ["ignore", "ignore", "inherit"] });
}
