/* Right-to-left names: where they are on the screen, and what is beside them. */
import assert from "node:assert/strict";
import { isolate, stripIsolates } from "../../www/bidi.js";
import en from "../../www/words-en.js";
import ko from "../../www/words-ko.js";
import { noticeText, notificationText, setLanguage } from "../../www/words.js";
import { connected, notices, onStage, people, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

const ARABIC = "محمد علي";
const HEBREW = "דוד";
const LANGUAGES = [["en-US", en], ["ko-KR", ko]];

/* Where each of TEXTS is rendered within the first element of SELECTOR, from left to right. */
async function drawn(page, selector, texts) {
  await page.waitForSelector(selector, { state: "attached" });
  return page.evaluate(placesOf, [selector, texts]);
}

/* In one go, because the page may render a list anew at any time. */
function placesOf([selector, wanted]) {
  const root = document.querySelector(selector);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = {};
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    for (const text of wanted) {
      const at = node.data.indexOf(text);
      if (at < 0 || found[text]) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      const { left, right } = range.getBoundingClientRect();
      found[text] = { left, right };
    }
  return wanted.map((text) => ({ text, ...found[text] }));
}

/* TEXTS are rendered in this order, none within another. */
async function inOrder(page, selector, texts) {
  const places = await drawn(page, selector, texts);
  for (const [i, { text, left }] of places.entries()) {
    assert.ok(left !== undefined, `${text} is drawn in ${selector}`);
    if (i > 0) assert.ok(left >= places[i - 1].right - 1, `${selector}: ${JSON.stringify(places)}`);
  }
}

/* TEXT begins where the first element of BESIDES begins. */
async function atStart(page, selector, text, besides) {
  const [{ left }] = await drawn(page, selector, [text]);
  const start = await page.evaluate((one) => document.querySelector(one).getBoundingClientRect().left, besides);
  assert.ok(Math.abs(left - start) < 4, `${selector}: ${left} is not near ${start}`);
}

const named = (words) => words(ARABIC).replace(ARABIC, "").trim();

for (const [locale, words] of LANGUAGES)
  told(`C8 page: in ${locale} a name from right to left stands where a name stands, and leaves its sentence in order`, async (t) => {
    const { room } = await stage.room({ title: "غرفة" });
    const ann = await stage.member(t, room, "ann", { locale });
    const other = await stage.member(t, room, ARABIC, { locale });
    await sees(ann, people, ["ann", ARABIC], "both are there");
    const joined = named(words.notices.joined);
    await sees(ann, notices, [words.notices.joined("ann"), `${ARABIC}${words.notices.joined(ARABIC).slice(ARABIC.length)}`], "to the letter");
    await inOrder(ann, '[data-testid="alert"]:last-of-type .text', [ARABIC, joined]);
    await say(other, "hello");
    await ann.waitForSelector(".message[data-id]");
    await atStart(ann, ".message[data-id] .author", ARABIC, ".message[data-id] .text");
    await inOrder(ann, "#people li:last-child", [ARABIC]);
    await shot(ann, `direction-${locale}`);
    assert.equal(await ann.title(), "\u2068غرفة\u2069");
    const row = ann.locator('[data-testid="person"]').nth(1);
    assert.equal(await row.locator(".private").getAttribute("aria-label"), words.writePrivately(isolate(ARABIC)));
    await other.click("#leave");
    await until(async () => (await notices(ann)).length === 3, "the other has left");
    await inOrder(ann, '[data-testid="alert"]:last-of-type .text', [ARABIC, named(words.notices.left)]);
    quiet(ann, other);
  });

told("C8 page: several names, and the number of others, keep their order", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann");
  const page = await stage.visit(t, "");
  await page.evaluate(async (names) => {
    const { sentenceNodes } = await import("./bidi.js");
    const { noticeText: tell } = await import("./words.js");
    const line = document.createElement("p");
    line.id = "line";
    const chatters = names.map((nickname) => ({ nickname }));
    line.append(...sentenceNodes(tell({ notice: { kind: "joined", chatters, count: 9 } })));
    document.body.prepend(line);
  }, [ARABIC, HEBREW]);
  await inOrder(page, "#line", [ARABIC, HEBREW, "and 7 others", "joined"]);
  quiet(ann, page);
});

told("C8 page: dialogs, lists and notifications keep their order around a name", async (t) => {
  const { owner, room } = await stage.room({ title: "غرفة" });
  const ann = await stage.member(t, room, "ann");
  const other = await stage.member(t, room, ARABIC);
  await say(ann, "مرحبا 123");
  await other.waitForSelector(".message[data-id]");
  await other.hover(".message[data-id]");
  await other.click('[data-testid="like"]');
  await say(other, "hello");
  await until(async () => (await ann.locator(".message[data-id]").count()) === 2, "ann hears");
  await until(async () => (await ann.title()).includes("\u{1F514}1"), "ann is notified");
  await ann.click("#bell");
  await inOrder(ann, "#notifications .text", [ARABIC, "liked your message:"]);
  await atStart(ann, "#notifications .text", ARABIC, "#notifications .words");
  await shot(ann, "direction-inbox");
  await ann.click("#inbox-close");
  await owner.join(room, { nickname: "owner" });
  const { chatters } = await owner.list(room);
  await owner.ask("PATCH", `/rooms/${room}/chatters/${chatters.find(({ nickname }) => nickname === "ann").id}`, { role: "moderator" });
  await ann.click(`[data-testid="person"]:has-text("${ARABIC}") [data-testid="more"]`);
  await ann.click('[data-choice="banAWhile"]');
  await inOrder(ann, "#confirm-heading", ["Ban", ARABIC, "for 10 minutes?"]);
  await shot(ann, "direction-confirm");
  await ann.goto(`${stage.server.url}/`);
  await ann.waitForSelector("#my-rooms .last");
  await inOrder(ann, "#my-rooms .last", [ARABIC, "hello"]);
  await atStart(ann, "#my-rooms .room-title", "غرفة", "#my-rooms .last");
  await atStart(ann, "#rooms .room-title", "غرفة", "#rooms .quiet");
  await shot(ann, "direction-rooms");
  quiet(ann, other);
});

told("C8 page: a right-to-left text does not reorder its link", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  await owner.say(room, "\u202ehttps://example.com/abc\u202c");
  const ann = await stage.member(t, room, "ann");
  await ann.waitForSelector(".message a");
  await inOrder(ann, ".message a", ["https", "example", "abc"]);
  quiet(ann);
});

told("C8 page: every sentence isolates the names in it, in each language", (t) => {
  t.after(() => setLanguage("en"));
  const wrapped = `\u2068${ARABIC}\u2069`;
  assert.equal(isolate(ARABIC), wrapped);
  assert.equal(isolate("kim"), "kim");
  assert.equal(isolate(`a\u202e${HEBREW}\u2069b`), `\u2068a${HEBREW}b\u2069`, "what is within cannot end it");
  assert.equal(stripIsolates(wrapped), ARABIC);
  for (const language of ["en", "ko"]) {
    setLanguage(language);
    for (const kind of ["joined", "left", "timeout", "removed", "room_closed"])
      assert.ok(noticeText({ notice: { kind, chatter: { nickname: ARABIC } } }).includes(wrapped), kind);
    for (const type of ["like", "invitation"])
      assert.ok(notificationText({ type, count: 1, text: "sent", payload: { who: ARABIC, what: HEBREW } }).includes(wrapped), type);
  }
});

told("C8 page: during a conversation a new name is announced and shown in order", async (t) => {
  const { ann, bob } = await stage.pair(t);
  await bob.click("#rename");
  await bob.fill("#rename-nickname", ARABIC);
  await bob.click("#rename-save");
  await sees(ann, people, ["ann", ARABIC], "the new name");
  assert.equal(await ann.textContent("#announcements"), en.renamed("bob", isolate(ARABIC)));
  await connected(ann);
  quiet(ann, bob);
});
