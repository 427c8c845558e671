/* The visitor's identity from visit to visit, and the list of their own rooms. */
import assert from "node:assert/strict";
import {
  axe, connected, contents, enter, hide, notices, onStage, people, quiet, say, sees, shot, told, until,
} from "./lib.mjs";

const stage = onStage();

const at = (address) => `${stage.server.url}/${address}`;
const mine = (page) => page.locator("#my-rooms .room-title").allTextContents();
const lasts = (page) => page.locator("#my-rooms .last").allTextContents();
const unread = async (page) => (await page.locator("#my-rooms .unread").allTextContents()).map(Number);
const whoIs = async (page) => (await stage.person(page)).token;

/* A visitor at the list of rooms, who is still a member of PLACE's room. */
async function away(t, { owner, room }, options) {
  const ann = await stage.member(t, room, "ann", options);
  await ann.goto(at(""));
  await sees(ann, mine, ["Front room"], "the room");
  await until(async () => !(await owner.names(room)).includes("ann"), "ann is away");
  return ann;
}

async function talk(fields = { grace_ms: 300 }) {
  const place = await stage.room(fields);
  await place.owner.join(place.room, { nickname: "owner" });
  return place;
}

told("S2-19 page: without Remember me a new visit is a new person, and one tab is one person in all rooms", async (t) => {
  const { room } = await stage.room();
  const other = await stage.room({ title: "Back room" });
  const ann = await stage.member(t, room, "ann");
  const token = await whoIs(ann);
  await ann.goto(at(`?room=${other.room}`));
  await enter(ann, "anna");
  assert.equal(await whoIs(ann), token, "one person");
  await ann.goto(at(""));
  await sees(ann, mine, ["Back room", "Front room"], "both are hers");
  const again = await stage.visit(t, `?room=${room}`, { context: ann.context() });
  await again.waitForSelector("#join-view:not([hidden])");
  assert.ok(!(await again.isChecked("#remember")));
  assert.deepEqual(await again.evaluate(() => Object.keys(localStorage)), []);
  await enter(again, "eve");
  assert.notEqual(await whoIs(again), token, "another person");
  quiet(ann, again);
});

told("S2-19 page: a remembered visitor is the same chatter on the next visit, until that is switched off", async (t) => {
  const { room } = await stage.room({ grace_ms: 10_000 });
  const ann = await stage.visit(t, `?room=${room}`);
  await ann.check("#remember");
  await enter(ann, "ann");
  await say(ann, "it is me");
  await sees(ann, contents, ["it is me"], "said");
  await ann.close();
  const later = await stage.visit(t, `?room=${room}`, { context: ann.context() });
  await connected(later);
  await sees(later, people, ["ann"], "the same");
  assert.equal(await later.locator(".message.mine").count(), 1);
  assert.deepEqual(await notices(later), ["ann joined"]);
  await later.click("#bell");
  assert.ok(await later.isChecked("#remember-me"));
  await later.uncheck("#remember-me");
  await until(() => later.evaluate(() => localStorage.length === 0), "nothing is kept");
  assert.deepEqual(await later.context().cookies(), []);
  await later.reload();
  await connected(later);
  const stranger = await stage.visit(t, `?room=${room}`, { context: ann.context() });
  await stranger.waitForSelector("#join-view:not([hidden])");
  quiet(later, stranger);
});

told("S2-19 page: Forget me leaves every room, in other tabs too, and the next visit is a new person", async (t) => {
  const { room, owner } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.visit(t, `?room=${room}`);
  await ann.check("#remember");
  await enter(ann, "ann");
  const other = await stage.visit(t, `?room=${room}`, { context: ann.context() });
  await connected(other);
  await ann.click("#bell");
  await ann.click("#forget-me");
  await shot(ann, "forget");
  await ann.click("#forget-sure");
  await ann.waitForSelector("#start-view:not([hidden])");
  await other.waitForSelector("#join-view:not([hidden])");
  await until(async () => !(await owner.names(room)).includes("ann"), "ann is out");
  for (const page of [ann, other]) {
    assert.ok(await page.isHidden("#bell"));
    assert.equal(await page.evaluate(() => localStorage.length), 0);
  }
  await enter(other, "somebody");
  quiet(ann, other);
});

told("page: a token that the server no longer knows is forgotten, wherever the page is opened", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.visit(t, `?room=${room}`);
  await ann.check("#remember");
  await enter(ann, "ann");
  await (await stage.person(ann)).ask("DELETE", "/me");
  await ann.waitForSelector("#join-view:not([hidden])");
  for (const address of ["", `?room=${room}`]) {
    await ann.evaluate(() => {
      const key = "parlor / me";
      const lost = JSON.stringify({ token: "x".repeat(43), nickname: "ann", chatters: {} });
      for (const area of [sessionStorage, localStorage]) area.setItem(key, lost);
    });
    await ann.goto(at(address));
    await until(() => ann.evaluate(() => localStorage.length === 0), "forgotten");
    await until(() => ann.isHidden("#bell"), "no bell");
    assert.ok(await ann.isHidden("#my-rooms-box"));
  }
  await enter(ann, "ann");
  await say(ann, "as somebody new");
  await sees(ann, contents, ["as somebody new"], "it talks");
  quiet(ann);
});

told("S5-6 page: my rooms show the last message and the number of unread ones, live, the newest first", async (t) => {
  const place = await talk();
  const quietPlace = await talk({ title: "Quiet room", grace_ms: 300 });
  const ann = await stage.member(t, quietPlace.room, "ann");
  await ann.goto(at(`?room=${place.room}`));
  await enter(ann, "ann");
  await ann.goto(at(""));
  await sees(ann, mine, ["Front room", "Quiet room"], "the newest first");
  await sees(ann, lasts, ["No messages yet", "No messages yet"], "nothing");
  for (const { owner, room } of [place, quietPlace])
    await until(async () => !(await owner.names(room)).includes("ann"), "ann is away");
  await place.owner.say(place.room, "are you there?");
  await sees(ann, unread, [1], "one");
  await quietPlace.owner.say(quietPlace.room, "psst");
  await sees(ann, mine, ["Quiet room", "Front room"], "what was said moves it up");
  await place.owner.say(place.room, "hello?");
  await sees(ann, unread, [2, 1], "two and one");
  await sees(ann, lasts, ["owner: hello?", "owner: psst"], "the last of each");
  assert.equal(await ann.title(), "(3) Parlor");
  await axe(ann, "my rooms");
  await shot(ann, "mine");
  await ann.reload();
  await sees(ann, unread, [2, 1], "a fresh picture says the same");
  await ann.click("#my-rooms a");
  await connected(ann);
  await sees(ann, contents, ["are you there?", "hello?"], "there they are");
  await ann.goto(at(""));
  await sees(ann, unread, [1], "read by being seen");
  quiet(ann);
});

told("S5-6 page: a private conversation counts what one of the two has not read", async (t) => {
  const { ann, bob } = await stage.pair(t, { grace_ms: 300 });
  await ann.locator(".private").click();
  await ann.waitForSelector('#room-title:has-text("ann & bob")');
  await connected(ann);
  await bob.click("#bell");
  await bob.click('[data-testid="notification"] .what');
  await enter(bob, "bob");
  await sees(ann, people, ["ann", "bob"], "two");
  const person = await stage.person(bob);
  await ann.goto(at(""));
  const room = new URL(bob.url()).searchParams.get("room");
  await until(async () => (await person.names(room)).length === 1, "ann is away");
  await say(bob, "one");
  await say(bob, "two");
  const row = ann.locator("#my-rooms li", { hasText: "ann & bob" });
  await until(async () => (await row.locator(".unread").allTextContents())[0] === "2", "two unread");
  assert.equal(await row.locator(".last").textContent(), "bob: two");
  await row.locator("a").click();
  await connected(ann);
  await sees(ann, contents, ["one", "two"], "read");
  await ann.goto(at(""));
  await until(async () => (await row.count()) === 1 && (await row.locator(".unread").count()) === 0, "none");
  quiet(ann, bob);
});

told("S5-8 page: a message seen in one window counts as read in the others, and a hidden window reads nothing", async (t) => {
  const place = await talk();
  const ann = await stage.visit(t, `?room=${place.room}`);
  await ann.check("#remember");
  await enter(ann, "ann");
  await ann.goto(at(""));
  await until(async () => !(await place.owner.names(place.room)).includes("ann"), "ann is away");
  for (let i = 0; i < 40; i++) await place.owner.say(place.room, `line ${i}`);
  await sees(ann, unread, [40], "all");
  const context = ann.context();
  const other = await stage.visit(t, "", { context });
  await sees(other, unread, [40], "in both windows");
  const script = "Object.defineProperty(document, 'hidden', { value: true, configurable: true })";
  await context.addInitScript(script);
  await other.goto(at(`?room=${place.room}`));
  await connected(other);
  await sees(other, async (page) => (await contents(page)).length, 40, "all are there");
  const person = await stage.person(other);
  assert.equal((await person.ask("GET", "/me/rooms")).rooms[0].unread, 40, "nobody looked");
  await hide(other, false);
  await sees(ann, unread, [], "the other window has read them");
  assert.equal(await ann.title(), "Parlor");
  quiet(ann, other);
});

told("S1-11 page: the client connects when it is opened, reports its state, and ends its connection", async (t) => {
  const { owner, room } = await stage.room({ grace_ms: 300 });
  await owner.join(room, { nickname: "owner" });
  const page = await stage.visit(t, "");
  const states = await page.evaluate(async (name) => {
    const { Parlor } = await import("./parlor.js");
    const parlor = new Parlor();
    const { cursor } = await parlor.join(name, { nickname: "ann" });
    const told = [];
    const asked = () => performance.getEntriesByType("resource").filter((one) => /\/events\?/.test(one.name)).length;
    const stream = parlor.stream([name], { cursor });
    const open = () => new Promise((done) => stream.on("state", ({ state }) => state === "open" && done()));
    stream.on("state", ({ state }) => told.push(state));
    const before = [stream.state, asked()];
    const opened = open();
    stream.open();
    await opened;
    const first = stream.state;
    stream.close();
    const closed = stream.state;
    const reopened = open();
    stream.open();
    await reopened;
    stream.close();
    return { before, first, closed, told };
  }, room);
  assert.deepEqual(states, {
    before: ["closed", 0], first: "open", closed: "closed",
    told: ["connecting", "open", "closed", "connecting", "open", "closed"],
  });
  await until(async () => !(await owner.names(room)).includes("ann"), "it has ended");
  quiet(page);
});

for (const [name, options] of [
  ["narrow", { viewport: { width: 320, height: 640 }, locale: "ko-KR" }],
  ["dark", { colorScheme: "dark" }],
])
  told(`page: my rooms, ${name}`, async (t) => {
    const place = await talk();
    const ann = await away(t, place, options);
    await place.owner.say(place.room, "A rather long message, of which a narrow window shows only how it begins");
    await sees(ann, unread, [1], "one");
    await shot(ann, `mine-${name}`);
    await axe(ann, `my rooms, ${name}`);
    const wide = await ann.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, "nothing sticks out");
    quiet(ann);
  });

told("S2-19 page: a person whom one tab no longer remembers is not remembered again by another tab", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.visit(t, `?room=${room}`);
  await ann.check("#remember");
  await enter(ann, "ann");
  const other = await stage.visit(t, `?room=${room}`, { context: ann.context() });
  await connected(other);
  await other.click("#rename");
  await other.fill("#rename-nickname", "anna");
  await other.click("#rename-save");
  await sees(ann, people, ["anna"], "both remember");
  await ann.click("#bell");
  await ann.uncheck("#remember-me");
  await until(() => ann.evaluate(() => localStorage.length === 0), "nothing is kept");
  await other.click("#rename");
  await other.fill("#rename-nickname", "annie");
  await other.click("#rename-save");
  await sees(ann, people, ["annie"], "the other goes on");
  assert.equal(await other.evaluate(() => localStorage.length), 0);
  quiet(ann, other);
});
