// parts: e2e san
/* Nicknames and texts that are allowed, and those that are refused. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { onServer } from "./lib/scene.mjs";

const told = onServer({ settings: { room_capacity: 1000 } });

const FIRST_NAMES = [...readFileSync(new URL("../lib/first_names.def", import.meta.url), "utf8")
  .matchAll(/^FIRST_NAME\("(\w+)", "(.*)"\)$/gm)].map(([, script, name]) => ({ script, name }));

async function refused(asking, status, code, field) {
  const answer = await asking;
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.code, code, answer.text);
  if (field) assert.ok(answer.body.fields[field], answer.text);
  return answer.body;
}

function joining(person, room, nickname) {
  return person.answer("POST", `/rooms/${room}/chatters`, { nickname });
}

function renaming(person, room, nickname) {
  return person.answer("PATCH", `/rooms/${room}/chatters/${person.chatter(room)}`, { nickname });
}

told("A2 S4-7 real first names in 20 scripts are all let in, side by side", async (s) => {
  assert.ok(FIRST_NAMES.length >= 200);
  assert.ok(new Set(FIRST_NAMES.map(({ script }) => script)).size >= 20);
  const { room } = await s.room({ capacity: 1000 });
  for (const { name } of FIRST_NAMES) {
    const { chatter } = await s.person().join(room, { nickname: name });
    assert.equal(chatter.nickname, name.normalize("NFC"));
  }
});

/* The first is present; each of the others looks like it. */
const LOOK_ALIKES = [
  ["Tom", "\u0422om", "TOM", "\u0422\u041e\u041c", "t\u043em", "\u0422\u043e\u043c", "to\u043c", "\u1d1b\u1d0f\u1d0d"], ["Kim", "\u041aim", "ki\u0307m", "\u041a\u0406\u041c"],
  ["cat", "\u03f2at", "C\u0410T"], ["\u0422\u043e\u043c", "\u0442\u043e\u043c", "\u0422\u041e\u041c"],
  ["lee", "✓lee", "lee 🛡", "[lee]", "~ lee ~", "l\u{1d159}ee", "lee\u01c3", "lee\u02bc", "1ee", "|ee"],
  ["🦊", "🦊", " 🦊 "], ["👨‍👩‍👧", "👨👩👧"], ["❤️", "❤"], ["می‌نا", "مینا"], ["محمد", "محـمد"],
];

told("A2 S4-7 a name that looks like that of somebody present is refused, to a newcomer and to a member", async (s) => {
  const { room } = await s.room({ capacity: 100 });
  for (const [i, [taken, ...others]] of LOOK_ALIKES.entries()) {
    const there = await s.member(room, taken);
    const member = await s.member(room, `Somebody ${"abcdefghijk"[i]}`);
    for (const nickname of others) {
      for (const answer of [await joining(s.person(), room, nickname), await renaming(member, room, nickname)]) {
        const blank = answer.status === 422;
        assert.equal(answer.body.code, blank ? "invalid_fields" : "nickname_taken", `${nickname}: ${answer.text}`);
        assert.equal(blank, nickname.includes("\u{1d159}"), nickname);
      }
    }
    await there.ask("DELETE", `/rooms/${room}/chatters/${there.chatter(room)}`);
  }
});

told("A2 S4-7 members may not take reserved names, and who runs the room may", async (s) => {
  const { owner, room } = await s.room();
  const kim = await s.member(room, "kim");
  for (const nickname of ["MODERATOR", "MODERA\u0422OR", "kim (moderator)", "\u0430dmin", "✓ Admin", "🅰🅳🅼🅸🅽", "admin 2", "m o d"]) {
    const { detail } = await refused(joining(s.person(), room, nickname), 409, "nickname_reserved");
    assert.match(detail, /choose another/);
    await refused(renaming(kim, room, nickname), 409, "nickname_reserved");
  }
  await s.member(room, "badminton");
  await owner.join(room, { nickname: "Moderator" });
  await refused(joining(s.person(), room, "moderat\u043er"), 409, "nickname_taken");
});

told("A2 S4-7 the setting reserved_names decides", async (s) => {
  await s.serve({ settings: { reserved_names: "Captain, ship's cook" } });
  const { room } = await s.room();
  await refused(joining(s.person(), room, "C\u0430ptain Kim"), 409, "nickname_reserved");
  await refused(joining(s.person(), room, "the ships cook"), 409, "nickname_reserved");
  await s.member(room, "Admin");
});

told("A2 S4-7 names that draw nothing or pile up marks are refused", async (s) => {
  const { room, watcher } = await s.watched();
  for (const nickname of ["\u{1d159}", "\u{13441}", "\ufffc", "\u2800", "\u115f", "\uffa0", "\u034f", "\u0301",
    "k\ufffcim", `a${"\u0301\u0302\u0303\u0304".repeat(7)}`, "a\u0301\u0301", "kim\u1039"]) {
    await refused(joining(s.person(), room, nickname), 422, "invalid_fields", "nickname");
    await refused(renaming(watcher, room, nickname), 422, "invalid_fields", "nickname");
  }
});

told("B1 joiners are let in where a script or an emoji needs them, and told as they were written", async (s) => {
  const { room, watcher, heard } = await s.watched();
  for (const nickname of ["mina👩‍💻", "👨‍👩‍👧", "می‌نا", "क्‍ष", "🏳️‍🌈 kim", "🇰🇷", "1️⃣", "👍🏽", "ශ්‍රී", "র‍্য"]) {
    await s.member(room, nickname);
    await heard.fact("presence", ({ joined }) => joined?.[0].nickname === nickname);
    assert.ok((await watcher.names(room)).includes(nickname));
  }
  for (const nickname of ["ki\u200dm", "ki\u200cm", "\u200d", "👩\u200d", "می\u200c", "1\u200d2", "k\ufe0fim"])
    await refused(joining(s.person(), room, nickname), 422, "invalid_fields", "nickname");
});

told("B1 spaces of all kinds are kept as single plain ones, in nicknames and titles", async (s) => {
  const { owner, room } = await s.room({ title: "\u3000山田\u3000\u00a0の  部屋 " });
  assert.equal((await owner.ask("GET", `/rooms/${room}`)).room.title, "山田 の 部屋");
  const { chatter } = await s.person().join(room, { nickname: "山田\u3000太郎" });
  assert.equal(chatter.nickname, "山田 太郎");
  await owner.ask("PATCH", `/rooms/${room}`, { title: "a\u2003b" });
  assert.equal((await owner.ask("GET", `/rooms/${room}`)).room.title, "a b");
  for (const title of ["\u3000", "\u3164", "a\u200bb", "\ufffc"]) {
    await refused(owner.answer("POST", "/rooms", { title }), 422, "invalid_fields", "title");
    await refused(owner.answer("PATCH", `/rooms/${room}`, { title }), 422, "invalid_fields", "title");
  }
});

told("B2 lines that end in CR or CR LF are stored with line feeds", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room, { nickname: "boss" });
  const path = `/rooms/${room}/messages`;
  const { message } = await owner.ask("POST", path, { content: "a\r\nb\rc\n" });
  assert.equal(message.content, "a\nb\nc\n");
  const edited = await owner.ask("PATCH", `${path}/${message.id}`, { content: "x\r\n\ry" });
  assert.equal(edited.message.content, "x\n\ny");
  const alert = await owner.ask("POST", path, { content: "1\r2", type: "alert" });
  assert.equal(alert.message.content, "1\n2");
  assert.equal((await owner.ask("POST", path, { content: "\r\n".repeat(3999) + "x" })).message.content.length, 4000);
});

told("B2 a message of which nothing can be seen is refused, however it is sent", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room, { nickname: "boss" });
  const path = `/rooms/${room}/messages`;
  const { message } = await owner.ask("POST", path, { content: "hi" });
  for (const content of ["", " ", "   ", "\n", "\r\n", "\u3164", "\u00a0\u3000", "\u200b", "\u2800", "\ufe0f",
    "\u{1d159}", "\u115f\u1160", "\ufffc", "\u202e\u202c", "\u2028"]) {
    await refused(owner.answer("POST", path, { content }), 422, "invalid_fields", "content");
    await refused(owner.answer("POST", path, { content, type: "alert" }), 422, "invalid_fields", "content");
    await refused(owner.answer("PATCH", `${path}/${message.id}`, { content }), 422, "invalid_fields", "content");
    const act = { type: "like", text: content };
    await refused(owner.answer("POST", `/rooms/${room}/chatters/${owner.chatter(room)}/notifications`, act),
      422, "invalid_fields", "text");
  }
});

told("B2 control characters, NUL and lone surrogates are refused by name", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room, { nickname: "boss" });
  const path = `/rooms/${room}/messages`;
  for (const content of ["a\vb", "a\fb", "a\u001bb", "a\u0085b"]) {
    const { fields } = await refused(owner.answer("POST", path, { content }), 422, "invalid_fields");
    assert.match(fields.content, /control characters/);
  }
  for (const raw of ['{"content":"a\\u0000b"}', '{"content":"\\ud800"}', '{"content":"\\udc00x"}']) {
    const { detail } = await refused(owner.answer("POST", path, raw), 400, "malformed_json");
    assert.match(detail, /NUL.*lone surrogate/);
  }
});
