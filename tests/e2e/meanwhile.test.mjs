// parts: e2e san
/*
 * Rights that are withdrawn while a request waits to write: they were checked
 * before, and must be checked again.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { variables } from "./lib/fcgi.mjs";
import { onServer } from "./lib/scene.mjs";
import { Program, environment } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const told = onServer();

/* Another program, which holds the write lock until it is ended. */
async function lockHeld(server) {
  const holder = new Program("/usr/bin/flock", [join(server.data, "parlor.lock"), "sh", "-c", "echo held; cat"], { env: { PATH: process.env.PATH } });
  await until(() => String(holder.stdout) === "held\n", "the lock is held");
  return holder;
}

/* Sends one request to a CGI program of its own, so its locks are those of the request. */
function asked(server, person, method, path, body) {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = { "X-Parlor-Token": person.token, "Content-Type": "application/json" };
  const env = environment({ data: server.data, busy_ms: 60_000 }, variables(method, `/api/v1${path}`, headers, text.length));
  const program = new Program(join(server.build, "parlor-api"), [], { env });
  program.child.stdin.end(text);
  return program;
}

const waitsForLock = ({ pid }) => new RegExp(`-> FLOCK +ADVISORY +WRITE ${pid} `).test(readFileSync("/proc/locks", "utf8"));

/* The answer to the request if SQL is run in the store while it waits to write. */
async function answerAfter(server, sql, ...request) {
  const holder = await lockHeld(server);
  const program = asked(server, ...request);
  await until(() => waitsForLock(program), "the request waits to write");
  execFileSync("sqlite3", [join(server.data, "parlor.db"), `PRAGMA busy_timeout = 60000; ${sql}`]);
  holder.child.stdin.end();
  await holder.done();
  await program.done();
  const [head, body] = String(program.stdout).split("\r\n\r\n");
  return { status: Number(/^Status: (\d+)/.exec(head)[1]), code: body ? JSON.parse(body).code : null };
}

const userOf = async (person) => (await person.ask("GET", "/me")).user.id;

told("A9 a moderator who is made a member while the request waits lifts no ban", async (s) => {
  const { owner, room } = await s.room();
  const [lee, kim] = [await s.member(room, "lee"), await s.member(room, "kim")];
  await owner.ask("PATCH", `/rooms/${room}/chatters/${lee.chatter(room)}`, { role: "moderator" });
  await owner.ask("DELETE", `/rooms/${room}/chatters/${kim.chatter(room)}?ban_seconds=0`);
  const lift = [lee, "DELETE", `/rooms/${room}/bans/${kim.chatter(room)}`];
  assert.deepEqual(await answerAfter(s.server, `UPDATE chatter SET role = 0 WHERE name = '${lee.chatter(room)}'`, ...lift),
    { status: 403, code: "forbidden" });
  assert.equal((await owner.ask("GET", `/rooms/${room}/bans`)).bans.length, 1);
  await owner.ask("PATCH", `/rooms/${room}/chatters/${lee.chatter(room)}`, { role: "moderator" });
  assert.deepEqual(await answerAfter(s.server, "SELECT 1", ...lift), { status: 204, code: null });
}, { needs: "embedded" });

told("A9 S1-8 a service key that is revoked while the request waits deletes no room", async (s) => {
  const { owner, room } = await s.room();
  const key = s.person({ token: await s.server.key("rooms") });
  assert.deepEqual(await answerAfter(s.server, "UPDATE service_key SET revoked = 1", key, "DELETE", `/rooms/${room}`),
    { status: 401, code: "token_invalid" });
  assert.equal((await owner.ask("GET", `/rooms/${room}`)).room.id, room);
}, { needs: "embedded" });

told("A9 S2-3 whoever is forgotten while the request waits makes no room", async (s) => {
  const { owner } = await s.room();
  const user = await userOf(owner);
  const forget = `DELETE FROM token WHERE person = (SELECT id FROM person WHERE name = '${user}')`;
  assert.deepEqual(await answerAfter(s.server, forget, owner, "POST", "/rooms", { id: "too-late", title: "Too late" }),
    { status: 401, code: "token_invalid" });
  assert.equal((await s.person().answer("GET", "/rooms/too-late")).status, 404);
}, { needs: "embedded" });
