/* A conversation: who says what and when, and what has not been read. */
import assert from "node:assert/strict";
import { connected, contents, enter, hide, notices, onStage, people, quiet, say, sees, shot, told, until } from "./lib.mjs";

const DAY_MS = 86_400_000;

const stage = onStage();

told("S3-1 S4-5 page: two windows talk, and see who is there", async (t) => {
  const { ann, bob } = await stage.pair(t);
  await say(ann, "hello bob");
  await sees(bob, contents, ["hello bob"], "bob hears ann");
  await say(bob, "hello ann\nhow are you?");
  for (const page of [ann, bob])
    await sees(page, contents, ["hello bob", "hello ann\nhow are you?"], "both hear both, once");
  assert.equal(await ann.textContent("#people-count"), "2");
  await sees(ann, notices, ["ann joined", "bob joined"], "who came");
  await shot(ann, "talk");
  quiet(ann, bob);
});

told("S2-3 page: three windows with a name each are three different people", async (t) => {
  const { room, ann, bob } = await stage.pair(t);
  const eve = await stage.visit(t, `?room=${room}`);
  await eve.fill("#nickname", "ANN");
  await eve.click("#join");
  await until(async () => /already/.test(await eve.textContent("#join-error")), "it says that the name is taken");
  assert.equal(await eve.getAttribute("#nickname", "aria-invalid"), "true");
  await eve.fill("#nickname", "eve");
  await eve.click("#join");
  await connected(eve);
  for (const page of [ann, bob, eve]) await sees(page, people, ["ann", "bob", "eve"], "three");
  quiet(ann, bob, eve);
});

told("page: messages of one author in a row are a group with one name, and every message has its time", async (t) => {
  const { ann, bob } = await stage.pair(t);
  for (const text of ["one", "two"]) await say(ann, text);
  await sees(bob, contents, ["one", "two"], "ann's");
  await say(bob, "three");
  await sees(bob, contents, ["one", "two", "three"], "bob's");
  const grouped = await bob.$$eval('[data-testid="message"]', (all) => all.map((item) => item.classList.contains("follows")));
  assert.deepEqual(grouped, [false, true, false]);
  const times = await bob.$$eval('[data-testid="message"] time', (all) => all.map(({ dateTime, title, textContent }) => ({ dateTime, title, textContent })));
  for (const { dateTime, title, textContent } of times) {
    assert.ok(Math.abs(Date.now() - new Date(dateTime)) < 60_000, dateTime);
    assert.match(title, new RegExp(String(new Date(dateTime).getFullYear())));
    assert.match(textContent, /^\d{1,2}:\d\d\s[AP]M$/u);
  }
  assert.deepEqual(await bob.locator(".day:visible").allTextContents(), ["Today"]);
  quiet(ann, bob);
});

told("page: days are separated, and a pause begins a new group", async (t) => {
  const { room, owner } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  for (const text of ["a", "b", "c", "d"]) await owner.say(room, text);
  const page = await stage.visit(t, "");
  const ago = [2 * DAY_MS, 2 * DAY_MS, DAY_MS, 360_000, 0, 0];
  await page.route("**/chatters", async (route) => {
    const response = await route.fetch();
    const picture = await response.json();
    const noon = new Date().setHours(12);
    picture.messages.forEach((message, i) => (message.created_at = new Date(noon - ago[i]).toISOString()));
    await route.fulfill({ response, json: picture });
  });
  await page.goto(`${stage.server.url}/?room=${room}`);
  await page.click("#join");
  await sees(page, contents, ["a", "b", "c", "d"], "all of them");
  const days = await page.locator(".day:visible").allTextContents();
  assert.equal(days.length, 3);
  assert.match(days[0], /^\w+day, \w+ \d+/);
  assert.deepEqual(days.slice(1), ["Yesterday", "Today"]);
  assert.equal(await page.locator(".message.follows").count(), 0);
  quiet(page);
});

told("S4-6 page: both see a new name without a rejoin", async (t) => {
  const { ann, bob } = await stage.pair(t);
  await ann.click("#rename");
  await ann.fill("#rename-nickname", "anna");
  await shot(ann, "rename");
  await ann.click("#rename-save");
  for (const page of [ann, bob]) await sees(page, people, ["anna", "bob"], "anna");
  await ann.click("#rename");
  await ann.fill("#rename-nickname", "BOB");
  await ann.click("#rename-save");
  await until(async () => (await ann.textContent("#rename-error")) !== "", "it says that the name is taken");
  await sees(bob, people, ["anna", "bob"], "and nothing changes");
  quiet(ann, bob);
});

told("page: Enter sends, Shift+Enter starts a new line, and an Enter that belongs to an input method does neither", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann");
  await ann.focus("#text");
  const ime = await ann.context().newCDPSession(ann);
  await ime.send("Input.imeSetComposition", { text: "안녀", selectionStart: 2, selectionEnd: 2 });
  await ann.evaluate(() => {
    const enter = { key: "Enter", bubbles: true, cancelable: true };
    const box = document.getElementById("text");
    box.dispatchEvent(new KeyboardEvent("keydown", { ...enter, isComposing: true }));
    box.dispatchEvent(new KeyboardEvent("keydown", { ...enter, keyCode: 229 }));
  });
  assert.equal(await ann.inputValue("#text"), "안녀");
  await ime.send("Input.insertText", { text: "안녕" });
  await ann.keyboard.press("Shift+Enter");
  await ann.keyboard.type("ann");
  await ann.keyboard.press("Enter");
  await sees(ann, contents, ["안녕\nann"], "one message of two lines");
  assert.equal(await ann.inputValue("#text"), "");
  quiet(ann);
});

told("page: a text that is too long is not lost, and the page says by how much it is too long", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann");
  const long = "가".repeat(4002);
  await say(ann, long);
  await until(async () => /Too long by 2 characters/.test(await ann.textContent("#text-error")), "it says so");
  assert.equal(await ann.inputValue("#text"), long);
  assert.deepEqual(await contents(ann), []);
  await say(ann, long.slice(2));
  await sees(ann, contents, [long.slice(2)], "the rest is sent");
  assert.equal(await ann.textContent("#text-error"), "");
  quiet(ann);
});

told("S3-9 page: scrolling up loads older messages, and what the reader looks at stays in place", async (t) => {
  const { room, owner } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const texts = Array.from({ length: 130 }, (_, i) => `message ${i + 1}`);
  for (const text of texts) await owner.say(room, text);
  const ann = await stage.member(t, room, "ann");
  const shown = async () => (await contents(ann)).length;
  let before = await shown();
  assert.ok(before <= 50);
  while (before < texts.length) {
    const first = await ann.evaluate(() => {
      const log = document.getElementById("log");
      const item = log.querySelector('[data-testid="message"]');
      log.scrollTop = 40;
      return { id: item.dataset.id, top: item.querySelector(".text").getBoundingClientRect().top };
    });
    await until(async () => (await shown()) > before, "an older page");
    before = await shown();
    const top = await ann.locator(`[data-id="${first.id}"] .text`).evaluate((item) => item.getBoundingClientRect().top);
    assert.ok(Math.abs(top - first.top) < 3, `${first.top} became ${top}`);
  }
  await sees(ann, contents, texts, "all, in order, once");
  await until(() => ann.isVisible("#beginning"), "and this is where it begins");
  assert.ok(await ann.isHidden("#older"));
  quiet(ann);
});

told("page: a link to an old message loads older ones until it is there, and goes to it", async (t) => {
  const { room, owner } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const posted = [];
  for (let i = 0; i < 130; i++) posted.push(await owner.say(room, `message ${i}`));
  const { id } = posted[10];
  const ann = await stage.visit(t, `?room=${room}#message-${id}`);
  await enter(ann, "ann");
  await ann.waitForSelector(`.revealed[data-id="${id}"]`);
  assert.equal(new URL(ann.url()).hash, "", "only once");
  assert.ok(await ann.evaluate(() => document.activeElement.classList.contains("revealed")));
  quiet(ann);
});

told("page: a reader who has scrolled up finds a line above the first unread message and a button with their number", async (t) => {
  const { room, owner, ann, bob } = await stage.pair(t);
  await owner.join(room, { nickname: "owner" });
  for (let i = 0; i < 40; i++) await owner.say(room, `line ${i}`);
  await until(async () => (await contents(ann)).length === 40, "ann has them");
  await ann.evaluate(() => (document.getElementById("log").scrollTop = 300));
  await until(() => ann.isVisible("#newest"), "the button");
  assert.equal(await ann.textContent("#newest"), "Jump to latest");
  for (const text of ["first unread", "second unread"]) await say(bob, text);
  await until(async () => (await ann.textContent("#newest")) === "2 new messages", "it counts");
  await shot(ann, "scrolled-up");
  assert.equal(await ann.locator("li:has(#unread-marker) .text").textContent(), "first unread");
  await ann.click("#newest");
  await until(() => ann.isHidden("#newest"), "at the end");
  assert.ok(await ann.isVisible("#unread-marker"), "the line stays until one answers");
  await shot(ann, "marker");
  await say(ann, "I have read it");
  await until(async () => (await ann.locator("#unread-marker").count()) === 0, "then it goes");
  quiet(ann, bob);
});

told("page: a hidden tab shows the number of new messages in its title and icon, and marks them when it is seen again", async (t) => {
  const { ann, bob } = await stage.pair(t);
  await say(bob, "seen");
  await sees(ann, contents, ["seen"], "seen");
  await hide(ann, true);
  for (const text of ["unseen", "unseen too"]) await say(bob, text);
  await until(async () => (await ann.title()) === "(2) Front room", "the title counts");
  assert.match(await ann.getAttribute("#icon", "href"), /unread/);
  await hide(ann, false);
  await until(async () => (await ann.title()) === "Front room", "the title is quiet again");
  assert.doesNotMatch(await ann.getAttribute("#icon", "href"), /unread/);
  assert.equal(await ann.locator("li:has(#unread-marker) .text").textContent(), "unseen");
  await hide(ann, true);
  await say(bob, "later");
  await until(async () => (await ann.locator("li:has(#unread-marker) .text").textContent()) === "later", "the line moves on");
  quiet(ann, bob);
});

told("S6-2 S6-5 page: a text has its title above it and its tags below it, and needs no author", async (t) => {
  const { room } = await stage.room({ post: "anyone" });
  const ann = await stage.member(t, room, "ann");
  await fetch(`${stage.server.url}/${room}?title=${encodeURIComponent("<i>Backup</i>")}&tags=nas,ok`, { method: "POST", body: "done" });
  const text = ann.locator('[data-testid="message"] .text');
  await until(async () => (await text.count()) === 1, "the text is there");
  assert.equal(await text.locator(".title").textContent(), "<i>Backup</i>");
  assert.deepEqual(await text.locator(".tag").allTextContents(), ["nas", "ok"]);
  assert.equal(await ann.locator('[data-testid="message"] .author').textContent(), "Not in the room");
  quiet(ann);
});

told("page: addresses become links that open safely", async (t) => {
  const { ann, bob } = await stage.pair(t);
  await say(bob, "see https://example.org/a_(b)?c=d#e. Not javascript:alert(1)");
  const link = ann.locator('[data-testid="message"] a');
  await until(async () => (await link.count()) === 1, "one link");
  const { href, rel, target, textContent } = await link.evaluate(({ href, rel, target, textContent }) => ({ href, rel, target, textContent }));
  assert.equal(href, "https://example.org/a_(b)?c=d#e");
  assert.equal(textContent, href);
  assert.equal(rel, "noopener noreferrer nofollow ugc");
  assert.equal(target, "_blank");
  quiet(ann, bob);
});

const MARK = "globalThis.hacked=1";
const PAYLOADS = [
  `<script>${MARK}</script>`, `<img src=x onerror="${MARK}">`, `<svg onload=${MARK}>`, `"><script>${MARK}</script>`,
  `'><img src=x onerror=${MARK}>`, `javascript:${MARK}`, `<a href="javascript:${MARK}">x</a>`,
  `<iframe srcdoc="<script>${MARK}</script>">`, `</li></ol><script>${MARK}</script>`, `<style>*{display:none}</style>`,
  `{{constructor.constructor('${MARK}')()}}`, `\${${MARK}}`, "<b>bold</b>", "&lt;b&gt; &amp; &#60;", "<!-- x -->",
  `<math><mtext></form><form><mglyph><style></math><img src onerror=${MARK}>`, "\u202eevil\u202c", "a\u2028b",
  `https://example.org/"onmouseover="${MARK}`, `https://example.org/'><script>${MARK}</script>`,
];

told("S3-1 page: hostile texts are shown as texts, in messages, names and titles", async (t) => {
  const { owner, room } = await stage.room({ title: "<img src=x onerror=hacked=1>" });
  const reader = await stage.member(t, room, "<b>reader</b>");
  await owner.join(room, { nickname: "<svg onload=alert(1)>" });
  for (const payload of PAYLOADS) await owner.say(room, payload);
  await sees(reader, contents, PAYLOADS, "each is there, to the letter");
  assert.deepEqual((await people(reader)).sort(), ["<b>reader</b>", "<svg onload=alert(1)>"]);
  assert.equal(await reader.textContent("#room-title"), "<img src=x onerror=hacked=1>");
  const strange = await reader.evaluate(() => ({
    hacked: "hacked" in globalThis,
    elements: [...document.querySelectorAll("#messages *, #people *, #room-title *")]
      .filter((one) => !one.closest("button.like, button.private, button.more"))
      .map(({ localName }) => localName).filter((name) => /^(script|img|iframe|svg|style|b|math|form)$/.test(name)),
    attributes: [...document.querySelectorAll("#messages a")]
      .flatMap((link) => link.getAttributeNames()).filter((name) => !/^(href|rel|target)$/.test(name)),
    scripts: document.querySelectorAll("script:not([src])").length,
  }));
  assert.deepEqual(strange, { hacked: false, elements: [], attributes: [], scripts: 0 });
  await shot(reader, "hostile");
  quiet(reader);
});
