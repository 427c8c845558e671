/* The inbox: likes, invitations, and the private room. */
import assert from "node:assert/strict";
import { Person } from "../e2e/lib/client.mjs";
import { axe, connected, contents, enter, hide, onStage, people, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

const rings = async (page) =>
  (await page.isHidden("#bell-count")) ? 0 : Number(await page.textContent("#bell-count"));
const inbox = (page) => page.locator('[data-testid="notification"] .text').allTextContents();
const heart = (page, index = 0) => page.locator('[data-testid="like"]').nth(index);

async function like(page, index) {
  await heart(page, index).click();
  await until(async () => (await heart(page, index).getAttribute("aria-pressed")) === "true", "liked");
}

async function openInbox(page) {
  await page.click("#bell");
  await page.waitForSelector("#inbox[open]");
}

/* Two visitors; bob has posted TEXTS. */
async function afterTalk(t, texts, options) {
  const place = await stage.pair(t, {}, options);
  for (const text of texts) await say(place.bob, text);
  await sees(place.ann, contents, texts, "what bob said");
  return place;
}

told("S5-1 S5-4 page: a like rings the author's bell, counts as unread once, and no longer once it is read", async (t) => {
  const { ann, bob } = await afterTalk(t, ["The ridge loop is open again"]);
  assert.equal(await rings(bob), 0);
  await like(ann);
  await sees(bob, rings, 1, "it rings");
  assert.equal(await rings(ann), 0);
  assert.match(await bob.title(), /^\u{1F514}1 Front room$/u);
  await openInbox(bob);
  await sees(bob, inbox, ["ann liked your message: The ridge loop is open again"], "who liked what");
  await axe(bob, "the inbox");
  await shot(bob, "inbox");
  await bob.click('[data-testid="notification"] .what');
  await sees(bob, rings, 0, "read");
  await bob.waitForSelector(".message.revealed");
  assert.equal(await bob.title(), "Front room");
  await openInbox(bob);
  assert.equal(await bob.locator('[data-testid="notification"][data-unread]').count(), 0);
  await bob.reload();
  await connected(bob);
  await openInbox(bob);
  await sees(bob, inbox, ["ann liked your message: The ridge loop is open again"], "still there");
  assert.equal(await rings(bob), 0);
  quiet(ann, bob);
});

told("S5-9 page: taking back a like removes its notification", async (t) => {
  const { ann, bob } = await afterTalk(t, ["hello"]);
  await like(ann);
  await sees(bob, rings, 1, "it rings");
  await ann.reload();
  await connected(ann);
  assert.equal(await heart(ann).getAttribute("aria-pressed"), "true");
  await heart(ann).click();
  await sees(bob, rings, 0, "taken back");
  assert.equal(await heart(ann).getAttribute("aria-pressed"), "false");
  await openInbox(bob);
  assert.match(await bob.textContent("#inbox-state"), /No notifications yet/);
  assert.equal(await bob.locator('[data-testid="like"]').count(), 0, "none for one's own");
  quiet(ann, bob);
});

told("S5-10 page: two likes of one message are one line that counts both, in Korean with its particle", async (t) => {
  const { room, ann, bob } = await afterTalk(t, ["안녕"], { locale: "ko-KR" });
  await like(ann);
  await sees(bob, rings, 1, "the first");
  const eve = await stage.member(t, room, "민수", { locale: "ko-KR" });
  await like(eve);
  await openInbox(bob);
  await sees(bob, inbox, ["민수 외 1명이 내 메시지를 좋아합니다: 안녕"], "both");
  assert.equal(await rings(bob), 1);
  quiet(ann, bob, eve);
});

told("S5-4 page: marking all as read and deleting one reach the same person's other tab", async (t) => {
  const { ann, bob, room } = await afterTalk(t, ["one", "two", "three"]);
  for (let i = 0; i < 3; i++) await like(ann, i);
  await sees(bob, rings, 3, "three");
  const other = await sameTab(t, bob, `?room=${room}`);
  await connected(other);
  await sees(other, rings, 3, "in both");
  await openInbox(bob);
  await bob.locator('[data-testid="notification"] button').first().click();
  await sees(other, rings, 2, "one less");
  await bob.click("#inbox-read-all");
  await sees(other, rings, 0, "none");
  await sees(bob, rings, 0, "none here");
  await openInbox(other);
  assert.equal((await inbox(other)).length, 2);
  quiet(bob, other);
});

/* A second tab of the same person, as duplicating a tab makes one. */
async function sameTab(t, page, address) {
  const kept = await page.evaluate(() => Object.entries(sessionStorage));
  const context = page.context();
  const tab = await context.newPage();
  await tab.addInitScript((entries) => {
    for (const [key, value] of entries) sessionStorage.setItem(key, value);
  }, kept);
  tab.wrong = [];
  tab.on("pageerror", (error) => tab.wrong.push(String(error)));
  await tab.goto(`${stage.server.url}/${address}`);
  return tab;
}

told("S5-1 page: the bell is in every view and rings there, and older notifications load on request", async (t) => {
  const { owner, room } = await stage.room({ grace_ms: 300 });
  const ann = await stage.member(t, room, "ann");
  await owner.join(room, { nickname: "owner" });
  const { id } = (await owner.list(room)).chatters.find(({ nickname }) => nickname === "ann");
  const tell = (n) => owner.ask("POST", `/rooms/${room}/chatters/${id}/notifications`, {
    type: "note", text: `Note ${n}`, target: { kind: "note", id: String(n) },
  });
  for (let n = 1; n <= 25; n++) await tell(n);
  await sees(ann, rings, 25, "in the room");
  await ann.goto(`${stage.server.url}/`);
  await sees(ann, rings, 25, "at the start");
  await tell(26);
  await sees(ann, rings, 26, "live");
  const elsewhere = await stage.room();
  await ann.goto(`${stage.server.url}/?room=${elsewhere.room}`);
  await sees(ann, rings, 26, "at a door");
  assert.equal(await ann.inputValue("#nickname"), "ann", "the name that was used last");
  await openInbox(ann);
  assert.equal((await inbox(ann)).length, 20);
  await ann.click("#inbox-more");
  await until(async () => (await inbox(ann)).length === 26, "older ones");
  assert.equal((await inbox(ann)).at(-1), "Note 1");
  await ann.keyboard.press("Escape");
  await until(async () => ann.evaluate(() => document.activeElement.id === "bell"), "the focus is back");
  const nobody = await stage.visit(t, "");
  await nobody.waitForSelector("#start-view:not([hidden])");
  assert.ok(await nobody.isHidden("#bell"), "nobody has none");
  quiet(ann, nobody);
});

told("S5-2 S5-6 page: a private message invites by a notification, and the room holds two", async (t) => {
  const { ann, bob, room } = await stage.pair(t);
  await ann.locator(".private").click();
  await ann.waitForURL((url) => !url.search.includes(room));
  await connected(ann);
  assert.equal(await ann.textContent("#room-title"), "ann & bob");
  const two = ann.url();
  await ann.goto(`${stage.server.url}/?room=${room}`);
  await connected(ann);
  await ann.locator(".private").click();
  await ann.waitForURL(two);
  await connected(ann);
  await sees(bob, rings, 1, "one invitation");
  await openInbox(bob);
  await sees(bob, inbox, ["ann invites you to a private chat"], "whose it is");
  await bob.click('[data-testid="notification"] .what');
  await bob.waitForSelector("#join-view:not([hidden])");
  await sees(bob, rings, 0, "read");
  await enter(bob, "bob");
  await say(bob, "just us");
  await sees(ann, contents, ["just us"], "heard");
  await sees(ann, people, ["ann", "bob"], "two");
  const stranger = await stage.visit(t, new URL(ann.url()).search);
  await stranger.waitForSelector('#join-view[data-state="full"]');
  quiet(ann, bob);
});

told("S5-5 page: the title counts unread messages and unread notifications separately", async (t) => {
  const { ann, bob } = await afterTalk(t, ["hello"]);
  await hide(bob, true);
  await like(ann);
  await say(ann, "and again");
  await until(async () => (await bob.title()) === "(1) \u{1F514}1 Front room", "both");
  await hide(bob, false);
  await until(async () => (await bob.title()) === "\u{1F514}1 Front room", "the message was seen");
  quiet(ann, bob);
});

told("page: a notification is shown as text, whatever it contains", async (t) => {
  const { owner, room } = await stage.room();
  const ann = await stage.member(t, room, "ann");
  await owner.join(room, { nickname: "owner" });
  const { id } = (await owner.list(room)).chatters.find(({ nickname }) => nickname === "ann");
  const text = '<img src=x onerror="document.title=1">';
  for (const type of ["constructor", "like"])
    await new Person(stage.server, { token: owner.token }).ask(
      "POST", `/rooms/${room}/chatters/${id}/notifications`,
      { type, text, target: { kind: "message", id: "javascript:1" }, payload: { who: { toString: 1 }, what: 3 } },
    );
  await openInbox(ann);
  await sees(ann, inbox, [text, text], "as it was sent");
  assert.equal(await ann.locator("#inbox img").count(), 0);
  quiet(ann);
});

for (const [name, options] of [
  ["narrow", { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true }],
  ["dark", { colorScheme: "dark", locale: "ko-KR" }],
])
  told(`page: the inbox and the hearts, ${name}`, async (t) => {
    const { ann, bob } = await afterTalk(t, ["Good morning! Is the ridge loop still on for Saturday?", "I have the map."], options);
    await like(ann);
    await sees(bob, rings, 1, "it rings");
    await shot(ann, `likes-${name}`);
    await axe(ann, `the room, ${name}`);
    await openInbox(bob);
    await sees(bob, async (page) => (await inbox(page)).length, 1, "one");
    await shot(bob, `inbox-${name}`);
    await axe(bob, `the inbox, ${name}`);
    const wide = await bob.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, "nothing sticks out");
    quiet(ann, bob);
  });

told("S2-19 page: after Forget me the next person has liked nothing, and has no old private room", async (t) => {
  const { ann, bob, room } = await afterTalk(t, ["hello"]);
  await like(ann);
  await ann.locator(".private").click();
  await ann.waitForURL((url) => !url.search.includes(room));
  await connected(ann);
  const two = ann.url();
  await ann.click("#bell");
  await ann.click("#forget-me");
  await ann.click("#forget-sure");
  await ann.waitForSelector("#start-view:not([hidden])");
  await ann.goto(`${stage.server.url}/?room=${room}`);
  await enter(ann, "eve");
  await sees(ann, contents, ["hello"], "what bob said");
  assert.equal(await heart(ann).getAttribute("aria-pressed"), "false");
  await ann.locator(".private").click();
  await ann.waitForURL((url) => !url.search.includes(room));
  await connected(ann);
  assert.notEqual(ann.url(), two);
  assert.equal(await ann.textContent("#room-title"), "eve & bob");
  quiet(ann, bob);
});

told("S5-4 page: a notification that comes while all are being marked as read stays unread", async (t) => {
  const { ann, bob } = await afterTalk(t, ["hello", "again"]);
  await like(ann, 0);
  await sees(bob, rings, 1, "the first");
  await openInbox(bob);
  await bob.route("**/read_all", async (route) => {
    const response = await route.fetch();
    await like(ann, 1);
    await sees(bob, async (page) => (await inbox(page)).length, 2, "the second");
    await route.fulfill({ response });
  });
  await bob.click("#inbox-read-all");
  await until(() => bob.evaluate(() => document.activeElement.id === "inbox-close"), "answered");
  const unread = (page) => page.locator('[data-testid="notification"]').evaluateAll((all) => all.map(({ dataset }) => "unread" in dataset));
  await sees(bob, unread, [true, false], "the second alone");
  quiet(ann, bob);
});
