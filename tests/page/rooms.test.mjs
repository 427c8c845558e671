/* Rooms: choosing, creating, entering, coming back, leaving; full and closed ones. */
import assert from "node:assert/strict";
import { until } from "../e2e/lib/wait.mjs";
import { axe, connected, contents, enter, front, notices, onStage, people, quiet, say, sees, shot, told } from "./lib.mjs";

const stage = onStage();

const titles = (page) => page.locator("#rooms .room-title").allTextContents();

told("S1-3 S1-10 page: without a room in the address there are rooms to choose from, each a link", async (t) => {
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

told("S1-2 S1-4 page: a namespace without rooms says so, and more rooms than a page has come on request", async (t) => {
  const page = await stage.visit(t, "?namespace=nothing-here");
  await until(async () => /No room is open yet/.test(await page.textContent("#rooms-state")), "nothing");
  const { owner } = await stage.room({ namespace: "many" });
  for (let i = 0; i < 51; i++) await owner.create({ title: `Room ${i}`, namespace: "many" });
  await page.goto(`${stage.server.url}/?namespace=many`);
  await until(async () => (await titles(page)).length === 50, "a page");
  await page.click("#rooms-more");
  await until(async () => (await titles(page)).length === 52, "the rest");
  assert.ok(await page.isHidden("#rooms-more"));
  quiet(page);
});

told("page: a room is created with a title alone, entered as its owner, and its link is copied and leads others in", async (t) => {
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

told("S2-10 S2-19 page: ten reloads keep the chatter, without a word to others; a new visit is a new one", async (t) => {
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

told("page: what was being written is still there after a reload", async (t) => {
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

told("page: who is removed is told so at the door, and may come in again", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.member(t, room, "ann");
  await sees(ann, people, ["owner", "ann"], "both");
  await remove(owner, room, "ann");
  await ann.waitForSelector("#join-view:not([hidden])");
  assert.match(await ann.textContent("#join-error"), /You were removed/);
  assert.equal(await ann.inputValue("#nickname"), "ann");
  await enter(ann, "anna");
  await say(ann, "again");
  await sees(ann, contents, ["again"], "it talks");
  quiet(ann);
});

const chatterCalled = async (owner, room, name) =>
  (await owner.list(room)).chatters.find(({ nickname }) => nickname === name).id;

const remove = async (owner, room, name) =>
  owner.ask("DELETE", `/rooms/${room}/chatters/${await chatterCalled(owner, room, name)}`);

told("page: who is removed keeps what was not sent and what was being written, and only Leave drops it", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.member(t, room, "ann");
  await ann.route("**/messages", (route) => route.abort());
  await say(ann, "not sent");
  await ann.waitForSelector('.message[data-state="failed"]');
  await ann.unroute("**/messages");
  await ann.fill("#text", "half a thought");
  await remove(owner, room, "ann");
  await ann.waitForSelector("#join-view:not([hidden])");
  await ann.reload();
  await enter(ann, "anna");
  assert.equal(await ann.inputValue("#text"), "half a thought");
  await sees(ann, contents, ["not sent"], "it is still there");
  await ann.click('[data-testid="retry"]');
  await until(async () => (await ann.locator(".message[data-id]").count()) === 1, "and can be sent");
  await ann.click("#leave");
  await ann.waitForSelector("#start-view:not([hidden])");
  await ann.goBack();
  await enter(ann, "anne");
  assert.equal(await ann.inputValue("#text"), "");
  quiet(ann);
});

told("page: who is removed while choosing a new name stands before the door, and nothing before it", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.member(t, room, "ann");
  await ann.click("#rename");
  await remove(owner, room, "ann");
  await ann.waitForSelector("#join-view:not([hidden])");
  assert.ok(await ann.isHidden("#rename-dialog"));
  await enter(ann, "anna");
  quiet(ann);
});

told("page: a room that is deleted is told so by its name, with nobody in it", async (t) => {
  const { owner, room } = await stage.room({ title: "Short life" });
  const ann = await stage.visit(t, `?room=${room}`);
  await until(async () => (await ann.textContent("#join-about")) !== "", "how many are there");
  await enter(ann, "ann");
  await owner.ask("DELETE", `/rooms/${room}`);
  await ann.waitForSelector('#join-view[data-state="missing"]:not([hidden])');
  assert.equal(await ann.textContent("#join-error"), "This room no longer exists.");
  assert.equal(await ann.textContent("#join-title"), "Short life");
  assert.equal(await ann.title(), "Short life");
  assert.equal(await ann.textContent("#join-about"), "");
  assert.ok(await ann.isHidden("#join-form"));
  await shot(ann, "deleted");
  quiet(ann);
});

told("page: until a room is known, and if it never is, it has a neutral name", async (t) => {
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

told("S1-2 page: every way back leads to the rooms among which the room is", async (t) => {
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

told("S2-7 page: a window that is closed is gone after D", async (t) => {
  const { ann, bob } = await stage.pair(t, { grace_ms: 300 });
  await ann.close();
  await sees(bob, people, ["bob"], "ann has gone");
});

told("S4-2 page: a full room says so, lets nobody in, and lets one in when a seat is free", async (t) => {
  const { ann, bob, room } = await stage.pair(t, { capacity: 2, grace_ms: 100 });
  const eve = await stage.visit(t, `?room=${room}`);
  await eve.waitForSelector('#join-view[data-state="full"]');
  assert.match(await eve.textContent("#join-about"), /full \(2 people\)/);
  await eve.fill("#nickname", "eve");
  await eve.click("#join");
  await until(async () => /full/.test(await eve.textContent("#join-error")), "it is refused");
  assert.equal(await eve.textContent("#join-about"), "", "and says so once");
  await shot(eve, "full");
  await ann.click("#leave");
  await sees(bob, people, ["bob"], "a seat is free");
  await enter(eve, "eve");
  await sees(bob, people, ["bob", "eve"], "eve has it");
  quiet(ann, bob, eve);
});

told("S4-2 page: the door of a full room asks anew after each refusal", async (t) => {
  const { ann, bob, room } = await stage.pair(t, { capacity: 2, grace_ms: 100 });
  const eve = await stage.visit(t, `?room=${room}`);
  await eve.waitForSelector('#join-view[data-state="full"]');
  await ann.click("#leave");
  await sees(bob, people, ["bob"], "a seat is free");
  await eve.fill("#nickname", "bob");
  await eve.click("#join");
  await until(async () => /already/.test(await eve.textContent("#join-error")), "the name is taken");
  await eve.waitForSelector('#join-view[data-state="open"]');
  assert.equal(await eve.textContent("#join-about"), "1 person here");
  await shot(eve, "free-again");
  quiet(ann, bob, eve);
});

const expire = (owner, room, ms) =>
  owner.ask("PATCH", `/rooms/${room}`, { expires_at: new Date(Date.now() + ms).toISOString() });

told("S3-3 page: a room that closes takes nothing more, and is read by those who were in it, after a reload too", async (t) => {
  const { owner, room, ann } = await stage.pair(t);
  await say(ann, "last words");
  await sees(ann, contents, ["last words"], "said");
  await expire(owner, room, 800);
  await ann.waitForSelector('#chat-view[data-state="expired"]');
  for (const again of [false, true]) {
    if (again) await ann.reload();
    await ann.waitForSelector("#closed:not([hidden])");
    await sees(ann, contents, ["last words"], "it can still be read");
    for (const id of ["#compose", "#rename"]) assert.ok(await ann.isHidden(id), id);
  }
  await shot(ann, "closed");
  await axe(ann, "a closed room");
  const late = await stage.visit(t, `?room=${room}`);
  await late.waitForSelector('#join-view[data-state="expired"]');
  assert.match(await late.textContent("#join-error"), /closed/);
  assert.ok(await late.isHidden("#join-form"));
  await axe(late, "the door of a closed room");
  await late.click("#join-rooms");
  await late.waitForSelector("#start-view:not([hidden])");
  quiet(ann, late);
});

told("page: what could not be sent in a room that has closed can still be read, after a reload too", async (t) => {
  const { owner, room } = await stage.room();
  const ann = await stage.member(t, room, "ann");
  await ann.route("**/messages", (route) => route.abort());
  await say(ann, "too late");
  await ann.waitForSelector('.message[data-state="failed"]');
  await ann.unroute("**/messages");
  await expire(owner, room, 500);
  await ann.waitForSelector('#chat-view[data-state="expired"]');
  for (const again of [false, true]) {
    if (again) await ann.reload();
    await ann.waitForSelector("#closed:not([hidden])");
    await sees(ann, contents, ["too late"], "it can be read");
    assert.ok(await ann.isVisible('.message[data-state="failed"]'));
    assert.ok(await ann.isHidden('[data-testid="retry"]'), "but not sent");
  }
  assert.match(await ann.textContent(".failed .why"), /This room has closed/);
  await shot(ann, "closed-unsent");
  await ann.click('[data-testid="discard"]');
  await sees(ann, contents, [], "it is dropped");
  assert.equal(await ann.evaluate(() => document.activeElement.id), "log");
  quiet(ann);
});

told("page: a room that does not exist, or cannot, is told from one that does", async (t) => {
  for (const name of ["no-such-room", "NO!"]) {
    const page = await stage.visit(t, `?room=${encodeURIComponent(name)}`);
    await page.waitForSelector('#join-view[data-state="missing"]');
    assert.match(await page.textContent("#join-error"), /no such room/);
    assert.ok(await page.isHidden("#join-form"));
    quiet(page);
  }
});

told("S1-11 page: it works in a sub-folder behind a web server", async (t) => {
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

told("S3-3 page: a visitor whose clock is fast stays in a room that will close, and asks for it only now and then", async (t) => {
  const { owner, room } = await stage.room();
  await expire(owner, room, 1_800_000);
  const context = await stage.visitor(t);
  await context.addInitScript(() => {
    const now = Date.now;
    Date.now = () => now() + 3_600_000;
  });
  const asked = [];
  const ann = await stage.visit(t, `?room=${room}`, { context });
  await enter(ann, "ann");
  ann.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  for (const text of ["one", "two", "three"]) await say(ann, text);
  await sees(ann, contents, ["one", "two", "three"], "it is open");
  await until(() => asked.length >= 3, "all that was asked");
  assert.deepEqual(asked.filter((one) => one.endsWith(`/rooms/${room}`) || one.endsWith("/chatters")), []);
  quiet(ann);
});
