/* Rooms: choosing, creating, entering, coming back, leaving. */
import assert from "node:assert/strict";
import {
  connected, contents, enter, front, notices, onStage, people, quiet, say, sees, shot, told, until,
} from "./lib.mjs";

const stage = onStage();

const titles = (page) => page.locator("#rooms .room-title").allTextContents();

told("S1-3 S1-10 page: without a room in the address the page lists the rooms, each a link", async (t) => {
  const soon = new Date(Date.now() + 2 * 3_600_000).toISOString();
  const { owner, room } = await stage.room({ title: "Garden", capacity: 1, namespace: "choose" });
  await owner.create({ title: "Party", namespace: "choose", expires_at: soon });
  await owner.create({ title: "Secret", namespace: "choose", listed: false });
  await owner.join(room, { nickname: "owner" });
  const page = await stage.visit(t, "?namespace=choose");
  await sees(page, titles, ["Garden", "Party"], "those that are listed");
  const texts = await page.locator("#rooms .quiet").allTextContents();
  assert.deepEqual(texts, ["1 of 1 here", "Nobody here yet · Closes in 2 hours"]);
  assert.deepEqual(await page.locator("#rooms li").nth(0).locator(".full").allTextContents(), ["Full"]);
  assert.equal(await page.locator("#rooms .full").count(), 1);
  await shot(page, "rooms");
  await page.click("#rooms li:nth-child(2) a");
  await page.waitForSelector("#join-view:not([hidden])");
  await until(async () => (await page.textContent("#join-title")) === "Party", "its door");
  quiet(page);
});

told("S1-2 S1-4 page: a namespace without rooms says so, and further pages of rooms load on request", async (t) => {
  const page = await stage.visit(t, "?namespace=nothing-here");
  await until(async () => /There are no rooms yet/.test(await page.textContent("#rooms-state")), "nothing");
  const { owner } = await stage.room({ namespace: "many" });
  for (let i = 0; i < 51; i++) await owner.create({ title: `Room ${i}`, namespace: "many" });
  await page.goto(`${stage.server.url}/?namespace=many`);
  await until(async () => (await titles(page)).length === 50, "a page");
  await page.click("#rooms-more");
  await until(async () => (await titles(page)).length === 52, "the rest");
  assert.ok(await page.isHidden("#rooms-more"));
  quiet(page);
});

told("page: a room needs only a title; its creator is the owner, and its copied link admits others", async (t) => {
  const ann = await stage.visit(t, "", { permissions: ["clipboard-read", "clipboard-write"] });
  await ann.click("#create");
  await until(async () => (await ann.textContent("#create-error")) !== "", "a title is asked for");
  await ann.fill("#create-title", "Sunday football");
  await ann.click("#create");
  await ann.waitForURL(/\?room=/);
  await enter(ann, "ann");
  assert.equal(await ann.textContent("#room-title"), "Sunday football");
  await sees(ann, (page) => page.locator(".person .tag").allTextContents(), ["owner", "you"], "ann is there");
  await ann.click("#copy-link");
  await until(async () => (await ann.textContent("#copy-link")).includes("Link copied"), "it says so");
  const link = await ann.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, ann.url());
  const bob = await stage.visit(t, new URL(link).search);
  await enter(bob, "bob");
  await sees(bob, people, ["ann", "bob"], "both");
  assert.equal(await bob.locator(".person .tag").first().textContent(), "owner");
  quiet(ann, bob);
});

told("S2-10 S2-19 page: ten reloads keep the chatter, and others notice nothing; a new visit is a new chatter", async (t) => {
  const { ann, bob, room } = await stage.pair(t, { grace_ms: 10_000 });
  await say(ann, "before");
  await sees(bob, contents, ["before"], "before");
  const seen = await notices(bob);
  for (let i = 0; i < 10; i++) {
    await ann.reload();
    await connected(ann);
  }
  await sees(ann, contents, ["before"], "what was said is there again");
  await say(ann, "after");
  await sees(bob, contents, ["before", "after"], "after");
  await sees(bob, people, ["ann", "bob"], "the same two");
  assert.deepEqual(await notices(bob), seen);
  const again = await stage.visit(t, `?room=${room}`);
  await again.waitForSelector("#join-view:not([hidden])");
  quiet(ann, bob, again);
});

told("page: the draft is still there after a reload", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann");
  await ann.fill("#text", "half a thought");
  await ann.reload();
  await connected(ann);
  assert.equal(await ann.inputValue("#text"), "half a thought");
});

told("S1-11 S2-7 page: leaving the page says goodbye for its connection, and coming back uses another name", async (t) => {
  const place = await front(t, stage);
  const said = [];
  place.answer = ({ method, url }) => {
    const [, conn] = /\/me\/connections\/(\w+)$/.exec(url) ?? [];
    if (conn) said.push(`${method} ${conn}`);
    return false;
  };
  const { room } = await stage.room({ grace_ms: 300 });
  const bob = await stage.member(t, room, "bob");
  const ann = await stage.member(t, room, "ann", { url: place.url });
  await ann.goto("about:blank");
  await until(() => said.length === 1, "goodbye");
  await sees(bob, notices, ["bob joined", "ann joined", "ann left"], "one notice");
  await ann.goBack();
  await connected(ann);
  await ann.goto("about:blank");
  await until(() => said.length === 2, "goodbye again");
  assert.match(said[0], /^DELETE /);
  assert.notEqual(said[0], said[1]);
});

told("S2-13 page: Leave leaves at once and goes back to the rooms", async (t) => {
  const { ann, bob } = await stage.pair(t, { grace_ms: 60_000 });
  await ann.click("#leave");
  await sees(bob, people, ["bob"], "ann has gone");
  await ann.waitForSelector("#start-view:not([hidden])");
  await sees(bob, notices, ["ann joined", "bob joined", "ann left"], "one notice");
  await ann.goBack();
  await ann.waitForSelector("#join-view:not([hidden])");
  quiet(ann, bob);
});

told("page: until a room's title is known, and if it never is, the page shows a neutral one", async (t) => {
  const { room } = await stage.room({ title: "Named" });
  const page = await stage.visit(t, "?room=");
  await page.waitForSelector('#join-view[data-state="missing"]');
  assert.deepEqual([await page.textContent("#join-title"), await page.title()], ["Chat room", "Chat room"]);
  const held = [];
  await page.route(`**/rooms/${room}`, (route) => held.push(route));
  await page.goto(`${stage.server.url}/?room=${room}`);
  await until(() => held.length === 1, "it asks for the room");
  assert.deepEqual([await page.textContent("#join-title"), await page.title()], ["Chat room", "Chat room"]);
  await held[0].continue();
  await until(async () => (await page.textContent("#join-title")) === "Named", "its own name");
  quiet(page);
});

told("S1-2 page: every way back leads to the rooms of the same namespace", async (t) => {
  const { room } = await stage.room({ namespace: "team" });
  const page = await stage.visit(t, "?namespace=team");
  await page.click(`a[data-room="${room}"]`);
  const leads = (id) => page.getAttribute(id, "href");
  await until(async () => (await leads("#join-rooms")) === "?namespace=team", "from the door");
  await page.reload();
  await enter(page, "ann");
  assert.equal(await leads("#rooms-link"), "?namespace=team");
  await page.reload();
  await connected(page);
  assert.equal(await leads("#rooms-link"), "?namespace=team");
  await page.click("#leave");
  await page.waitForSelector(`a[data-room="${room}"]`);
  assert.equal(new URL(page.url()).search, "?namespace=team");
  quiet(page);
});

told("S2-7 page: a visitor who closes the window is gone after the grace period", async (t) => {
  const { ann, bob } = await stage.pair(t, { grace_ms: 300 });
  await ann.close();
  await sees(bob, people, ["bob"], "ann has gone");
});

told("S1-11 page: the page works in a sub-folder behind a web server", async (t) => {
  const place = await front(t, stage);
  const { room, owner } = await stage.room({ namespace: "folder" });
  const page = await stage.visit(t, "?namespace=folder", { url: place.url });
  await page.click(`a[data-room="${room}"]`);
  await enter(page, "ann");
  assert.equal(await page.getAttribute("#state", "data-transport"), "sse");
  await owner.join(room, { nickname: "owner" });
  await owner.say(room, "hello folder");
  await sees(page, contents, ["hello folder"], "it hears");
  await page.click("#rooms-link");
  await page.waitForSelector("#rooms a");
  assert.equal(new URL(page.url()).pathname, "/chat/");
  quiet(page);
});
