/* How it looks and is used: light, dark, wide, narrow, by keyboard, by ear, in Korean. */
import assert from "node:assert/strict";
import {
  axe, connected, contents, enter, notices, onStage, people, quiet, say, sees, shot, told, until,
} from "./lib.mjs";

const stage = onStage();

const TINY = { width: 320, height: 568 };
const PHONE = { width: 360, height: 640 };
const TABLET = { width: 768, height: 900 };
const WIDE = { width: 1280, height: 800 };

/* Nothing is wider than the window, and nothing that is pressed is tiny. */
async function fits(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${where}: ${wide} pixels too wide`);
  const small = await page.$$eval("button, a.room, a.icon-button, input, textarea", (all) =>
    all.map((one) => ({ name: one.id || one.className, box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24)).map(({ name }) => name));
  assert.deepEqual(small, [], where);
}

/* Nothing scrolls but what is meant to: not the page, and not the room's frame. */
async function still(page, where) {
  const over = await page.evaluate(() => {
    const frame = document.getElementById("chat-view");
    return {
      page: document.documentElement.scrollHeight - innerHeight,
      frame: frame.scrollHeight - frame.clientHeight,
    };
  });
  assert.deepEqual(over, { page: 0, frame: 0 }, where);
}

/* The element that a press in the middle of SELECTOR meets. */
const pressedAt = (page, selector) => page.$eval(selector, (one) => {
  const { left, top, width, height } = one.getBoundingClientRect();
  return document.elementFromPoint(left + width / 2, top + height / 2).id;
});

told("page: a long conversation scrolls only within its log, at every width, and the button to the end lies above the bubbles", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.member(t, room, "ann");
  for (let i = 0; i < 30; i++) await owner.say(room, `line ${i}`);
  const same = await stage.person(ann);
  for (let i = 0; i < 30; i++) await same.say(room, `my line ${i}, ${"long ".repeat(20)}`);
  await until(async () => (await ann.locator(".message[data-id]").count()) === 60, "sixty messages");
  assert.ok((await ann.locator(".follows").count()) > 50, "in groups");
  for (const size of [TINY, PHONE, TABLET, WIDE]) {
    await ann.setViewportSize(size);
    const where = `at ${size.width}`;
    await still(ann, where);
    await ann.$eval("#log", (log) => (log.scrollTop = log.scrollHeight / 2));
    await until(() => ann.isVisible("#newest"), "the way down");
    assert.equal(await pressedAt(ann, "#newest"), "newest", where);
    await shot(ann, `long-${size.width}`);
    await ann.click("#newest");
    await until(() => ann.isHidden("#newest"), "at the end");
  }
  quiet(ann);
});

for (const colorScheme of ["light", "dark"])
  told(`page: every view fits every width and axe finds nothing, ${colorScheme}`, async (t) => {
    const { owner, room } = await stage.room({ title: "Garden club", capacity: 3, namespace: colorScheme });
    const full = await owner.create({ title: "One seat", capacity: 1, namespace: colorScheme });
    await owner.join(full, { nickname: "owner" });
    await owner.join(room, { nickname: "mira" });
    await owner.say(room, "A very long word: " + "abcdefghij".repeat(30));
    await owner.say(room, "Maintenance tonight: https://example.org/status", { type: "alert" });
    const page = await stage.visit(t, `?namespace=${colorScheme}`, { colorScheme });
    const all = async (name, sizes = [TINY, PHONE, TABLET, WIDE]) => {
      for (const size of sizes) {
        await page.setViewportSize(size);
        await fits(page, `${name} at ${size.width}`);
        await shot(page, `${name}-${size.width}-${colorScheme}`);
      }
      await axe(page, name);
    };
    await page.waitForSelector("#rooms .full");
    await all("start");
    await page.goto(`${stage.server.url}/?room=${full}`);
    await page.waitForSelector('#join-view[data-state="full"]');
    await all("full", [PHONE]);
    await page.goto(`${stage.server.url}/?room=missing-room`);
    await page.waitForSelector('#join-view[data-state="missing"]');
    await all("missing", [PHONE]);
    await page.goto(`${stage.server.url}/?room=${room}`);
    await page.waitForSelector("#join-view:not([hidden])");
    await all("door");
    await enter(page, "ann");
    await say(page, "Hello!\nHow are you?");
    await until(async () => (await page.locator(".message[data-id]").count()) === 2, "said");
    await page.route("**/messages", (route) => route.abort());
    await say(page, "This will not arrive");
    await page.waitForSelector('[data-state="failed"]');
    await all("room");
    await still(page, "room");
    await page.setViewportSize(PHONE);
    await page.click("#people-toggle");
    await all("people", [PHONE]);
    await page.click("#rename");
    await all("rename", [PHONE]);
    await page.click("#rename-cancel");
    await page.click("#people-close");
    await page.context().setOffline(true);
    await page.waitForSelector("#trouble:not([hidden])");
    await all("offline", [PHONE]);
    quiet(page);
  });

told("page: light and dark have different backgrounds, and follow the visitor's choice", async (t) => {
  const page = await stage.visit(t, "");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await ground();
  await page.emulateMedia({ colorScheme: "dark" });
  assert.notEqual(await ground(), light);
});

told("page: reduced motion means no animation, and forced colors keep every edge", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann", { reducedMotion: "reduce", forcedColors: "active" });
  await say(ann, "plain");
  await sees(ann, contents, ["plain"], "said");
  /* Found and looked at in one go: the page may draw a message anew. */
  const style = await ann.evaluate(() => {
    const { borderTopStyle, borderTopColor } = getComputedStyle(document.querySelector(".message .text"));
    return { borderTopStyle, visible: !/rgba\(.*, 0\)/.test(borderTopColor) };
  });
  assert.deepEqual(style, { borderTopStyle: "solid", visible: true });
  const moving = await ann.evaluate(
    () =>
      [...document.querySelectorAll("button, a")].filter(
        (one) => getComputedStyle(one).transitionDuration !== "0s",
      ).length,
  );
  assert.equal(moving, 0);
  await shot(ann, "forced-colors");
  quiet(ann);
});

/* The id of what has the focus. */
const focused = (page) => page.evaluate(() => document.activeElement.id);

async function tabTo(page, id) {
  for (let i = 0; i < 30; i++) {
    if ((await focused(page)) === id) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab never came to #${id}, but to #${await focused(page)}`);
}

told("page: with the keyboard alone a visitor finds, joins and leaves a room, writes in it and changes names", async (t) => {
  const { room } = await stage.room({ namespace: "keys" });
  const page = await stage.visit(t, "?namespace=keys");
  await page.waitForSelector(`a[data-room="${room}"]`);
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "skip");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.room), room);
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "nickname", "the name is asked for");
  await page.keyboard.type("ann");
  await page.keyboard.press("Enter");
  await connected(page);
  await until(async () => (await focused(page)) === "text", "one can write at once");
  await page.keyboard.type("by keyboard");
  await page.keyboard.press("Enter");
  await sees(page, contents, ["by keyboard"], "said");
  assert.equal(await focused(page), "text");
  await tabTo(page, "rename");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "rename-nickname", "the dialog");
  await page.keyboard.type("anna");
  await page.keyboard.press("Enter");
  await sees(page, people, ["anna"], "renamed");
  await until(async () => (await focused(page)) === "rename", "back where one was");
  await tabTo(page, "leave");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#start-view:not([hidden])");
  quiet(page);
});

told("page: on a phone the list of people opens and closes, by key too, and the focus returns", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann", { viewport: PHONE });
  assert.ok(await ann.isHidden("#people-panel"));
  await ann.focus("#people-toggle");
  await ann.keyboard.press("Enter");
  assert.ok(await ann.isVisible("#people-panel"));
  assert.equal(await ann.getAttribute("#people-toggle", "aria-expanded"), "true");
  assert.equal(await focused(ann), "people-close");
  await ann.keyboard.press("Escape");
  assert.ok(await ann.isHidden("#people-panel"));
  assert.equal(await focused(ann), "people-toggle");
  await fits(ann, "phone");
  quiet(ann);
});

told("page: pressing a button never loses the focus, even if the button disappears", async (t) => {
  const { owner, room } = await stage.room({ capacity: 1, namespace: "press" });
  for (let i = 0; i < 50; i++) await owner.create({ title: `Room ${i}`, namespace: "press" });
  const page = await stage.visit(t, "?namespace=press");
  const press = async (id, done) => {
    await page.focus(id);
    await page.keyboard.press("Enter");
    await until(done, id);
    assert.notEqual(await page.evaluate(() => document.activeElement.localName), "body", id);
  };
  await page.waitForSelector("#rooms-more:not([hidden])");
  await press("#rooms-more", async () => (await page.locator("#rooms li").count()) === 51);
  const told = (id) => async () => (await page.textContent(id)) !== "";
  await press("#create", told("#create-error"));
  await owner.join(room, { nickname: "owner" });
  for (let i = 0; i < 60; i++) await owner.say(room, `line ${i}`);
  await page.goto(`${stage.server.url}/?room=${room}`);
  await page.waitForSelector('#join-view[data-state="full"]');
  await press("#join", told("#join-error"));
  assert.equal(await focused(page), "join");
  await owner.ask("PATCH", `/rooms/${room}`, { capacity: 2 });
  await enter(page, "ann");
  await press("#older", () => page.isHidden("#older"));
  assert.equal(await focused(page), "log");
  await page.click("#rename");
  await page.fill("#rename-nickname", "owner");
  await press("#rename-save", told("#rename-error"));
  quiet(page);
});

told("page: a visitor's own message is announced once, although it is shown before it is sent", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann");
  await until(async () => (await ann.getAttribute("#log", "aria-live")) === "polite", "news is announced");
  await ann.evaluate(() => {
    globalThis.added = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const item of addedNodes)
          globalThis.added.push([item.dataset.state ?? "said", item.closest("[aria-live]").getAttribute("aria-live")]);
    }).observe(document.getElementById("messages"), { childList: true });
  });
  await say(ann, "hear me");
  await until(async () => (await ann.locator(".message[data-id]").count()) === 1, "said");
  assert.deepEqual(await ann.evaluate(() => globalThis.added), [["pending", "off"], ["said", "polite"]]);
  await ann.route("**/messages", (route) => route.abort());
  await say(ann, "lost");
  await ann.waitForSelector('.message[data-state="failed"]');
  assert.deepEqual((await ann.evaluate(() => globalThis.added)).at(-1), ["failed", "polite"], "a failure is read out");
  quiet(ann);
});

told("page: a new message is announced with its author, and a page of history is not", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "mira" });
  const ann = await stage.member(t, room, "ann");
  const log = ann.getByRole("log", { name: "Messages" });
  assert.equal(await log.count(), 1);
  await until(async () => (await log.getAttribute("aria-live")) === "polite", "news is announced");
  for (const text of ["first", "second"]) await owner.say(room, text);
  await sees(ann, contents, ["first", "second"], "both");
  const spoken = await log.ariaSnapshot();
  assert.equal(spoken.match(/mira/g).length, 3, "the notice, and each message");
  await owner.rename(room, "mirabel");
  await until(async () => (await ann.textContent("#announcements")) === "mira is now mirabel", "a new name too");
});

told("page: a Korean visitor gets a Korean page, with the right particles, and can switch to English and back", async (t) => {
  const { room, ann, bob } = await stage.pair(t, {}, { locale: "ko-KR" });
  assert.equal(await ann.getAttribute("html", "lang"), "ko");
  assert.equal(await ann.getAttribute("#text", "placeholder"), "메시지를 입력하세요");
  const minsu = await stage.member(t, room, "민수", { locale: "ko-KR", viewport: PHONE });
  await stage.member(t, room, "지훈", { locale: "en-US" });
  await say(minsu, "안녕하세요, 민수입니다");
  await sees(ann, contents, ["안녕하세요, 민수입니다"], "said");
  await sees(ann, async (page) => (await notices(page)).slice(-2), ["민수가 들어왔습니다", "지훈이 들어왔습니다"], "who came");
  await shot(minsu, "korean-360");
  await minsu.click("#people-toggle");
  await minsu.click("#leave");
  await until(async () => (await notices(ann)).at(-1) === "민수가 나갔습니다", "who left");
  await minsu.waitForSelector("#rooms a");
  await shot(minsu, "korean-start-360");
  await minsu.click("#languages [lang=en]");
  await until(async () => (await minsu.getAttribute("html", "lang")) === "en", "English");
  await minsu.click(`a[data-room="${room}"]`);
  await until(async () => (await minsu.textContent("#join")) === "Join", "it goes along");
  await minsu.goto(`${stage.server.url}/?lang=ko`);
  assert.equal(await minsu.getAttribute("html", "lang"), "ko");
  await axe(ann, "the Korean room");
  quiet(ann, bob, minsu);
});

const TALK = [
  ["Jonas", "Morning! Is the ridge loop still on for Saturday?"],
  ["Mira", "Yes, 8:30 at the old mill. I checked the path yesterday, it is dry again."],
  ["Mira", "The bridge is open too."],
  ["Jonas", "Great. Who has the map?"],
  ["Ada", "I do: https://example.org/maps/ridge-loop"],
  ["Ada", "14 km, 520 m up. I marked the spring where we can fill our bottles."],
  ["Jonas", "Perfect. I will bring coffee for later ☕"],
  ["Mira", "Then I bring cake. See you on Saturday!"],
];
const PICTURE_MAX = 120_000; /* bytes: it lies in the tree */

for (const colorScheme of ["light", "dark"])
  told(`page: the picture for the front page shows three people who talk, ${colorScheme}`, async (t) => {
    const { room } = await stage.room({ title: "Saturday trail run", namespace: `picture-${colorScheme}` });
    const windows = {};
    for (const name of ["Jonas", "Ada", "Mira"])
      windows[name] = await stage.member(t, room, name, { viewport: WIDE, colorScheme });
    const heard = [];
    for (const [name, text] of TALK) {
      await say(windows[name], text);
      heard.push(text);
      await sees(windows.Mira, contents, heard, text);
    }
    await windows.Mira.bringToFront();
    const picture = await shot(windows.Mira, `front-${colorScheme}`);
    assert.ok(picture.length < PICTURE_MAX, `${picture.length} bytes`);
    quiet(...Object.values(windows));
  });
