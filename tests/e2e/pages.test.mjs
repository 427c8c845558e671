// parts: e2e san form
import assert from "node:assert/strict";
import { FORM } from "./lib/forms.mjs";
import { READERS, cursorOf } from "./lib/reader.mjs";
import { onServer } from "./lib/scene.mjs";

const bounded = onServer({ settings: { streams_per_token: 0 } });

const PAGE_BYTES = 128 * 1024;
const ROUND_IT = 4096; /* what an answer has beside the items of its list */
const LONG = "🙂".repeat(4000); /* as long as a message may be */
const LONG_BYTES = 4 * 4000;
const SAID = 30;
const CROWD = FORM.pace === 1 ? 1200 : 250;
const AT_ONCE = 20;

/* A room in which long messages were said, each with its number in front. */
async function talkative(s) {
  const { room, watcher, heard } = await s.watched();
  const said = [];
  for (let i = 0; i < SAID; i++) said.push(await watcher.say(room, `${i}${LONG.slice(4)}`));
  await heard.said(said.at(-1).content);
  return { room, watcher, heard, said };
}

/* All pages of a list, the first by QUERY; NEXT makes the query of the page after one. */
async function pages(person, path, next, query = "") {
  const all = [];
  do {
    const { status, text, body } = await person.answer("GET", `${path}?limit=200${query}`);
    assert.equal(status, 200, text);
    assert.ok(Buffer.byteLength(text) <= PAGE_BYTES + ROUND_IT, `${Buffer.byteLength(text)} bytes`);
    all.push(body);
    query = next(body);
  } while (all.at(-1).has_more);
  return all;
}

bounded("S3-9 a history of long messages is read in pages of 128 KiB, without gap or repeat, both ways", async (s) => {
  const { room, watcher, said } = await talkative(s);
  const path = `/rooms/${room}/messages`;
  const back = await pages(watcher, path, ({ messages }) => `&before=${messages[0].id}`);
  const forth = await pages(watcher, path, ({ messages }) => `&after=${messages.at(-1).id}`, "&after=0");
  for (const list of [back.toReversed(), forth]) {
    assert.ok(list.length > (SAID * LONG_BYTES) / PAGE_BYTES, `${list.length} pages`);
    const read = list.flatMap(({ messages }) => messages);
    assert.deepEqual(read.filter(({ type }) => type === "message"), said);
  }
});

for (const as of Object.keys(READERS)) {
  bounded(`P4 long messages that were missed are heard over ${as} without gap or repeat`, async (s) => {
    const { room, watcher, heard } = await talkative(s);
    const reader = await watcher.listen(room, { as, cursor: heard.syncs[0].head });
    await reader.wait(() => reader.facts.length >= heard.facts.length, "all that was said");
    assert.deepEqual(reader.facts, heard.facts);
    reader.close();
  });
}

bounded("P4 the answers of polls end at 128 KiB, and more says that others follow", async (s) => {
  const { room, watcher, heard } = await talkative(s);
  const events = [];
  let cursor = heard.syncs[0].head;
  let more = true;
  while (more) {
    const answer = await fetch(`${s.server.url}/events?rooms=${room}&as=json&wait=0&cursor=${cursor}`, {
      headers: watcher.headers(),
    });
    const text = await answer.text();
    assert.ok(Buffer.byteLength(text) <= PAGE_BYTES + ROUND_IT, `${Buffer.byteLength(text)} bytes`);
    const last = cursor;
    ({ cursor, more } = JSON.parse(text));
    assert.ok(!more || cursorOf(cursor).seq > cursorOf(last).seq, "a poll goes on");
    events.push(...JSON.parse(text).events);
  }
  assert.deepEqual(events.map(({ id }) => id), heard.facts.map(({ id }) => id));
});

bounded("S2-5 joining a crowd is one bounded answer, and the rest of the crowd is listed page by page", async (s) => {
  const { owner, room } = await s.room({ capacity: CROWD + 9, notices: "off" });
  const names = Array.from({ length: CROWD }, (_, i) => `${"𠮷".repeat(27)}${i}`);
  for (let i = 0; i < CROWD; i += AT_ONCE)
    await Promise.all(names.slice(i, i + AT_ONCE).map((nickname) => s.person().join(room, { nickname })));
  await owner.join(room);
  for (let i = 0; i < SAID; i++) await owner.say(room, LONG);
  const { status, text, body } = await owner.answer("POST", `/rooms/${room}/chatters`, {});
  assert.equal(status, 200);
  assert.ok(Buffer.byteLength(text) <= PAGE_BYTES + ROUND_IT, `${Buffer.byteLength(text)} bytes`);
  assert.equal(body.room.online, CROWD + 1);
  assert.equal(body.chatters.length, 200);
  assert.ok(body.messages.length >= 1 && body.messages.length < SAID, `${body.messages.length} messages`);
  const rest = [];
  let page = body;
  while (page.has_more ?? true) {
    const after = page.chatters.at(-1).id;
    page = await owner.ask("GET", `/rooms/${room}/chatters?limit=500&after=${after}`);
    rest.push(...page.chatters);
  }
  const listed = [...body.chatters, ...rest].map(({ nickname }) => nickname);
  assert.equal(listed.length, CROWD + 1);
  assert.deepEqual(new Set(listed).size, CROWD + 1);
  const older = await owner.ask("GET", `/rooms/${room}/messages?before=${body.messages[0].id}`);
  assert.equal(older.messages.at(-1).id, body.messages[0].id - 1);
});
