/* Unread messages: counts go down as well as up. */
import assert from "node:assert/strict";
import { Person } from "../e2e/lib/client.mjs";
import { Unread } from "../../www/unread.js";
import { connected, contents, hide, onStage, quiet, say, sees, told, until } from "./lib.mjs";

const stage = onStage();

const ids = (page) => page.$$eval("[data-testid=message]", (all) => all.map((item) => Number(item.dataset.id)));
const titled = (page, title) => until(async () => (await page.title()) === title, `the title is ${title}`);
const unreadMark = (page) => page.locator("li:has(#unread-marker) .text").allTextContents();

/* Ann's tab is hidden and counts three messages of OTHER in its title. */
async function three(t) {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.member(t, room, "ann");
  await hide(ann, true);
  for (const text of ["one", "two", "three"]) await owner.say(room, text);
  await titled(ann, "(3) Front room");
  return { owner, room, ann };
}

const remove = (owner, room, id) => owner.ask("DELETE", `/rooms/${room}/messages/${id}`);

told("C5 page: the title of a hidden tab counts down when a message is deleted, and not when one is edited", async (t) => {
  const { owner, room, ann } = await three(t);
  const [first, second, third] = await ids(ann);
  await owner.ask("PATCH", `/rooms/${room}/messages/${second}`, { content: "two, changed" });
  await until(async () => (await contents(ann)).includes("two, changed"), "it is edited");
  assert.equal(await ann.title(), "(3) Front room");
  await remove(owner, room, first);
  await titled(ann, "(2) Front room");
  assert.deepEqual(await unreadMark(ann), ["two, changed"], "the line moves to the next");
  for (const id of [second, third]) await remove(owner, room, id);
  await titled(ann, "Front room");
  assert.deepEqual(await unreadMark(ann), []);
  assert.doesNotMatch(await ann.getAttribute("#icon", "href"), /unread/);
  quiet(ann);
});

told("C5 page: the button to new messages counts down when they are deleted", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  for (let i = 0; i < 40; i++) await owner.say(room, `line ${i}`);
  const ann = await stage.member(t, room, "ann");
  await ann.evaluate(() => (document.getElementById("log").scrollTop = 300));
  await until(() => ann.isVisible("#newest"), "she has scrolled up");
  for (const text of ["one", "two", "three"]) await owner.say(room, text);
  const button = (words) => until(async () => (await ann.textContent("#newest")) === words, words);
  await button("3 new messages");
  for (const [i, id] of (await ids(ann)).slice(-3).entries()) {
    await remove(owner, room, id);
    await button(["2 new messages", "1 new message", "Jump to latest"][i]);
  }
  assert.deepEqual(await unreadMark(ann), []);
  quiet(ann);
});

told("C5 S5-8 page: messages read in another window no longer count, and the others do", async (t) => {
  const { owner, room, ann } = await three(t);
  const [, second, third] = await ids(ann);
  const self = await stage.person(ann);
  const read = (message) => self.ask("PUT", `/rooms/${room}/read`, { message });
  await read(second);
  await titled(ann, "(1) Front room");
  assert.deepEqual(await unreadMark(ann), ["three"]);
  await read(third);
  await titled(ann, "Front room");
  assert.deepEqual(await unreadMark(ann), []);
  quiet(ann);
});

told("C5 page: a new snapshot counts no message that was deleted meanwhile, and none twice", async (t) => {
  const { owner, room, ann } = await three(t);
  const [first] = await ids(ann);
  await ann.context().setOffline(true);
  await ann.waitForSelector('#state:not([data-state="open"])', { state: "attached" });
  await remove(owner, room, first);
  for (let i = 0; i < 20; i++) await owner.say(room, `more ${i}`);
  await ann.evaluate(() => { /* the server says that it cannot bring what was missed */
    const { parse } = JSON;
    JSON.parse = (text) => {
      const value = parse(text);
      if (value?.recovered) [value.recovered, JSON.parse] = [false, parse];
      return value;
    };
  });
  await ann.context().setOffline(false);
  await connected(ann);
  await titled(ann, "(22) Front room");
  assert.deepEqual(await unreadMark(ann), ["two"]);
  quiet(ann);
});

told("C5 page: a visitor who was removed from a room has nothing unread there", async (t) => {
  const { owner, room, ann } = await three(t);
  const { chatters } = (await owner.ask("GET", `/rooms/${room}/chatters`));
  await owner.ask("DELETE", `/rooms/${room}/chatters/${chatters.find(({ nickname }) => nickname === "ann").id}`);
  await ann.waitForSelector("#join-view:not([hidden])");
  await titled(ann, "Front room");
  quiet(ann);
});

told("C5 S5-7 page: the list of rooms counts down, and does not show a deleted message", async (t) => {
  const { owner, room } = await stage.room({ grace_ms: 200 });
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.member(t, room, "ann");
  await ann.goto(`${stage.server.url}/`);
  await ann.waitForSelector(`#my-rooms [data-id="${room}"]`);
  await until(async () => (await owner.ask("GET", `/rooms/${room}/chatters`)).chatters.length === 1, "ann is away");
  const said = [];
  for (const text of ["one", "two"]) said.push(await owner.say(room, text));
  await titled(ann, "(2) Parlor");
  await until(async () => (await ann.textContent("#my-rooms .last")) === "owner: two", "the last");
  await remove(owner, room, said[1].id);
  await titled(ann, "(1) Parlor");
  await until(async () => (await ann.textContent("#my-rooms .last")) !== "owner: two", "it is gone");
  quiet(ann);
});

told("C5 page: unread messages are known by their ids", () => {
  const unread = new Unread();
  for (const id of [5, 3, 3, 9]) unread.add(id, true);
  assert.deepEqual([unread.unread, unread.unseen, unread.first(() => true)], [3, 3, 3]);
  assert.equal(unread.remove((id) => id === 3), true);
  assert.equal(unread.remove((id) => id === 3), false);
  unread.update({ atEnd: false, hidden: false });
  assert.deepEqual([unread.unread, unread.unseen], [2, 0]);
  unread.retain([{ id: 5, deleted_at: "now" }, { id: 9 }]);
  assert.equal(unread.first(() => true), 9);
  unread.update({ atEnd: true, hidden: false });
  assert.equal(unread.unread, 0);
});
