// parts: e2e
/*
 * A commit that fails late: its last byte has been written, and only then the
 * disk says that it cannot keep it.  Whoever opens the store after a crash
 * would find such a commit.  What was answered as not done must not be there.
 */
import assert from "node:assert/strict";
import { sentence } from "./lib/scene.mjs";
import { FailingSyncs } from "./lib/failing-syncs.mjs";
import { until } from "./lib/wait.mjs";

const ENDS = 60_000;
const CASES = [["ENOSPC", 507, "storage_full", "full"], ["EIO", 503, "read_only", "read_only"]];

/* Sends messages of different lengths; returns the answers with the messages. */
async function say(kim, room, content) {
  const { status, body } = await kim.answer("POST", `/rooms/${room}/messages`, { content });
  return { content, status, code: body?.code };
}

async function isSaid(kim, room, contents) {
  const said = (await kim.history(room)).filter(({ type }) => type === "message");
  assert.deepEqual(said.map(({ content }) => content), contents);
}

async function storage(server) {
  return (await (await fetch(`${server.api}/health`)).json()).storage;
}

async function scene(s) {
  const syncs = new FailingSyncs();
  const server = await s.serve({ preload: syncs.env });
  const { room } = await s.room();
  const kim = await s.member(room, "kim");
  await kim.say(room, "before");
  return { syncs, server, room, kim };
}

async function crash(server) {
  await server.kill();
  await server.launch();
}

for (const [error, status, code] of CASES)
  for (const size of [1, 3900])
    sentence(`A7 P8 a commit of ${size} bytes that fails late once (${error}) is not found after a crash`, async (s) => {
      const { syncs, server, room, kim } = await scene(s);
      const said = ["before"];
      /* The service may write something of its own first, which then fails. */
      const refused = await until(async () => {
        syncs.fail(error, 1);
        const answer = await say(kim, room, `${said.length} `.padEnd(size, "x"));
        if (answer.status !== 201) return answer;
        said.push(answer.content);
        return null;
      }, "a message is refused", ENDS);
      assert.equal(syncs.left, 0);
      assert.deepEqual([refused.status, refused.code], [status, code]);
      await crash(server);
      await isSaid(kim, room, said);
      assert.equal((await say(kim, room, "after")).status, 201);
      await isSaid(kim, room, [...said, "after"]);
    }, { needs: "embedded", limit: 120_000 });

for (const [error, status, code, state] of CASES)
  sentence(`A7 P8 a log that cannot be kept (${error}): said so, nothing is done, and the next write after it succeeds`, async (s) => {
    const { syncs, server, room, kim } = await scene(s);
    const said = ["before"];
    syncs.fail(error);
    /* Whether the disk has kept the first one is unknown. */
    const first = await say(kim, room, "unknown");
    assert.ok(first.status >= 500, JSON.stringify(first));
    for (let i = 0; i < 5; i++) {
      const answer = await say(kim, room, `refused ${i}`);
      assert.deepEqual([answer.status, answer.code], [status, code], `answer ${i}`);
    }
    assert.equal(await storage(server), state);
    await isSaid(kim, room, said);
    syncs.succeed();
    for (const content of ["after", "and on"]) {
      assert.equal((await say(kim, room, content)).status, 201);
      said.push(content);
    }
    assert.equal(await storage(server), "ok");
    await crash(server);
    await isSaid(kim, room, said);
  }, { needs: "embedded", limit: 120_000 });

for (const [error] of CASES)
  sentence(`A7 P8 a log that cannot be kept (${error}), and a crash: what was refused as not done is not there`, async (s) => {
    const { syncs, server, room, kim } = await scene(s);
    syncs.fail(error);
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await say(kim, room, `refused ${i}`));
    await server.kill();
    syncs.succeed();
    await server.launch();
    const certain = answers.filter(({ code }) => code !== "internal").map(({ content }) => content);
    assert.ok(certain.length >= 5, JSON.stringify(answers));
    const there = (await kim.history(room)).map(({ content }) => content);
    assert.deepEqual(there.filter((content) => certain.includes(content)), []);
    assert.ok(there.includes("before"));
  }, { needs: "embedded", limit: 120_000 });
