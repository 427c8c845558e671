/* Visitors who cannot join: removed people; full, closed, deleted and missing rooms. */
import assert from "node:assert/strict";
import { axe, contents, enter, onStage, people, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

const chatterCalled = async (owner, room, name) =>
  (await owner.list(room)).chatters.find(({ nickname }) => nickname === name).id;

const remove = async (owner, room, name) =>
  owner.ask("DELETE", `/rooms/${room}/chatters/${await chatterCalled(owner, room, name)}`);

const expire = (owner, room, ms) =>
  owner.ask("PATCH", `/rooms/${room}`, { expires_at: new Date(Date.now() + ms).toISOString() });

told("page: a removed visitor is told so at the join form, and can join again", async (t) => {
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

told("page: a removed visitor keeps unsent messages and the draft, which only Leave deletes", async (t) => {
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

told("page: a visitor who is removed while renaming sees the join form, and no dialog over it", async (t) => {
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

told("page: when a room is deleted, its visitors are told so by its name", async (t) => {
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

told("S4-2 page: a full room says so, admits nobody, and admits a visitor when a seat is free", async (t) => {
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

told("S4-2 page: the join form of a full room asks for its state again after each refusal", async (t) => {
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

told("S3-3 page: a room that closes takes no more messages, and its members can read it, after a reload too", async (t) => {
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

told("page: a message that could not be sent in a closed room can still be read, after a reload too", async (t) => {
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

told("page: a room that does not exist, or has an impossible name, is reported as missing", async (t) => {
  for (const name of ["no-such-room", "NO!"]) {
    const page = await stage.visit(t, `?room=${encodeURIComponent(name)}`);
    await page.waitForSelector('#join-view[data-state="missing"]');
    assert.match(await page.textContent("#join-error"), /no such room/);
    assert.ok(await page.isHidden("#join-form"));
    quiet(page);
  }
});

told("S3-3 page: a visitor whose clock is fast stays in a room that will close, and asks the server only now and then", async (t) => {
  const { owner, room } = await stage.room();
  await expire(owner, room, 1_800_000);
  const context = await stage.visitor(t);
  await context.clock.install({ time: Date.now() + 3_600_000 });
  const asked = [];
  const ann = await stage.visit(t, `?room=${room}`, { context });
  await enter(ann, "ann");
  ann.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  for (const text of ["one", "two", "three"]) await say(ann, text);
  await sees(ann, contents, ["one", "two", "three"], "it is open");
  await until(() => asked.length >= 3, "all that was asked");
  const roomAsked = () => asked.filter((one) => one.endsWith(`/rooms/${room}`) || one.endsWith("/chatters"));
  assert.deepEqual(roomAsked(), []);
  assert.ok(await ann.evaluate((end) => new Date() > new Date(end), (await owner.ask("GET", `/rooms/${room}`)).room.expires_at));
  const answered = ann.waitForResponse((response) => response.url().endsWith(`/rooms/${room}`));
  await ann.clock.fastForward(61_000);
  await answered;
  await say(ann, "four");
  await sees(ann, contents, ["one", "two", "three", "four"], "it is still open");
  assert.equal(roomAsked().length, 1);
  quiet(ann);
});
