/* Notices and refused origins, as the client's documentation describes them, with a real server. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TOP } from "../e2e/lib/server.mjs";
import { front, onStage, told } from "./lib.mjs";

const stage = onStage();
const document = (name) => readFileSync(join(TOP, "docs", name), "utf8");

told("C9 page: history contains notices without a chatter, in English, as the documents say", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  await stage.member(t, room, "ann", { locale: "ko-KR" });
  const [notice] = (await owner.history(room)).filter(({ content }) => /ann/.test(content));
  assert.equal(notice.chatter, null);
  assert.equal(notice.type, "alert");
  assert.equal(notice.content, "ann joined");
  assert.equal(notice.notice.kind, "joined");
  for (const name of ["CLIENT.md", "openapi.yaml"]) {
    assert.match(document(name), /`chatter`[^.]*null/, name);
    assert.match(document(name), /English/, name);
  }
});

/* How a request of PAGE to the server at BASE fails. */
const failure = (page, base) => page.evaluate(async (address) => {
  const { Parlor } = await import("./parlor.js");
  try {
    await new Parlor({ base: address }).createRoom({ title: "x" });
    return null;
  } catch ({ code, detail, message, status }) {
    return { code, detail, message, status };
  }
}, base);

told("C9 S1-7 page: a refusal of the page's origin says that it is one, and a dead server is not taken for one", async (t) => {
  const place = await front(t, stage);
  const page = await stage.visit(t, "", { url: place.url, bypassCSP: true });
  const refused = await failure(page, `${stage.server.url}/`);
  assert.equal(refused.code, "origin_not_allowed");
  assert.equal(refused.status, 0);
  assert.match(refused.message, new RegExp(`${new URL(place.url).origin}.*cors_origins`));
  assert.equal(refused.detail, refused.message);
  assert.equal((await failure(page, "http://127.0.0.1:9/")).code, "unreachable");
  assert.equal(await failure(page, `${place.url}/`), null, "its own server is no other");
});

told("C9 S1-7 page: the server's own refusal names the setting", async () => {
  const answer = await fetch(`${stage.server.url}/api/v1/rooms`, { headers: { Origin: "https://other.example" } });
  assert.equal(answer.status, 403);
  const { code, detail } = await answer.json();
  assert.equal(code, "origin_not_allowed");
  assert.match(detail, /origin.*cors_origins/i);
});
