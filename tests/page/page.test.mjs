/*
 * The page in Chromium: two windows talk through the real embedded poller.
 * Screenshots go to build/test/screenshots/.
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Person } from "../e2e/lib/client.mjs";
import { Server, TOP, said } from "../e2e/lib/server.mjs";
import { until } from "../e2e/lib/wait.mjs";

const LIMIT_MS = 60_000;
const SHOTS = join(TOP, "build/test/screenshots");
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

const server = new Server({ settings: { hb_ms: 500, retry_ms: 100 } });
let browser;
let profile;

before(async () => {
  await server.start();
  await mkdir(SHOTS, { recursive: true });
  profile = await mkdtemp(join(tmpdir(), "parlor-chromium-"));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS, env: { ...process.env, HOME: profile },
  });
}, { timeout: LIMIT_MS });

after(async () => {
  await browser?.close();
  await server.end();
  await rm(profile, { recursive: true, force: true });
}, { timeout: LIMIT_MS });

/* A window of a visitor of its own on ROOM; what goes wrong in it is kept. */
async function visit(t, room, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.wrong = [];
  page.on("pageerror", (error) => page.wrong.push(String(error)));
  page.on("dialog", (dialog) => (page.wrong.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("console", (line) => {
    if (/Content Security Policy/.test(line.text())) page.wrong.push(line.text());
  });
  await page.goto(`${server.url}/?room=${room}`);
  return page;
}

async function join_(page, nickname) {
  await page.fill("#nickname", nickname);
  await page.click("#join");
  await page.waitForSelector("#chat-view:not([hidden])");
  await page.waitForSelector('#state[data-state="open"]');
}

async function say(page, text) {
  await page.fill("#text", text);
  await page.click("#send");
}

const contents = (page) => page.locator('[data-testid="message"] .text').allTextContents();
const notices = (page) => page.locator('[data-testid="alert"] .text').allTextContents();
const people = (page) => page.locator('[data-testid="person"] .name').allTextContents();

function sees(page, look, wanted, what) {
  return until(async () => JSON.stringify(await look(page)) === JSON.stringify(wanted), what).catch(async (error) => {
    error.message += `: ${JSON.stringify(await look(page))} is not ${JSON.stringify(wanted)}\n${said()}`;
    throw error;
  });
}

async function room(fields = {}) {
  const owner = new Person(server);
  return { owner, room: await owner.create({ title: "Front room", grace_ms: 2000, ...fields }) };
}

/* Two visitors who see one another. */
async function pair(t, fields) {
  const place = await room(fields);
  const [ann, bob] = [await visit(t, place.room), await visit(t, place.room)];
  await join_(ann, "ann");
  await join_(bob, "bob");
  for (const page of [ann, bob]) await sees(page, people, ["ann", "bob"], "both are there");
  return { ...place, ann, bob };
}

async function quiet(...pages) {
  for (const page of pages) assert.deepEqual(page.wrong, []);
}

const told = (name, fn) => test(name, { timeout: LIMIT_MS }, fn);

told("S3-1 S4-5 page: two windows talk, and see who is there", async (t) => {
  const { ann, bob } = await pair(t);
  await say(ann, "hello bob");
  await sees(bob, contents, ["hello bob"], "bob hears ann");
  await say(bob, "hello ann\nhow are you?");
  for (const page of [ann, bob])
    await sees(page, contents, ["hello bob", "hello ann\nhow are you?"], "both hear both, once");
  await ann.screenshot({ path: join(SHOTS, "ann.png") });
  await bob.screenshot({ path: join(SHOTS, "bob.png") });
  await quiet(ann, bob);
});

told("S4-6 page: a new name is seen by both without a rejoin", async (t) => {
  const { ann, bob } = await pair(t);
  await ann.click("#rename");
  await ann.fill("#rename-nickname", "anna");
  await ann.screenshot({ path: join(SHOTS, "rename.png") });
  await ann.click("#rename-save");
  for (const page of [ann, bob]) await sees(page, people, ["anna", "bob"], "anna");
  await ann.click("#rename");
  await ann.fill("#rename-nickname", "BOB");
  await ann.click("#rename-save");
  await until(async () => (await ann.textContent("#rename-error")) !== "", "it says that the name is taken");
  await sees(bob, people, ["anna", "bob"], "and nothing changes");
  await quiet(ann, bob);
});

told("S2-10 page: ten reloads keep the chatter, without a word to others", async (t) => {
  const { ann, bob, owner, room: id } = await pair(t);
  await say(ann, "before");
  await sees(bob, contents, ["before"], "before");
  const seen = await notices(bob);
  for (let i = 0; i < 10; i++) {
    await ann.reload();
    await ann.waitForSelector('#state[data-state="open"]');
  }
  await sees(ann, contents, ["before"], "what was said is there again");
  await sees(ann, people, ["ann", "bob"], "the same two");
  await say(ann, "after");
  await sees(bob, contents, ["before", "after"], "after");
  await owner.join(id, { nickname: "clock" });
  const reader = await owner.listen(id);
  reader.close();
  await sees(bob, people, ["ann", "bob"], "D is over for who went later");
  assert.deepEqual((await notices(bob)).filter((text) => /\bann\b/.test(text)), seen.filter((text) => /\bann\b/.test(text)));
  await quiet(ann, bob);
});

told("S2-13 page: Leave leaves at once and comes back to the door", async (t) => {
  const { ann, bob } = await pair(t, { grace_ms: 60_000 });
  await ann.click("#leave");
  await sees(bob, people, ["bob"], "ann has gone");
  await ann.waitForSelector("#join-view:not([hidden])");
  await quiet(ann, bob);
});

told("S2-7 page: a window that is closed is gone after D", async (t) => {
  const { ann, bob } = await pair(t, { grace_ms: 300 });
  await ann.close();
  await sees(bob, people, ["bob"], "ann has gone");
});

told("S1-5 S2-18 page: it goes on by itself after the server was killed", async (t) => {
  const { ann, bob } = await pair(t, { grace_ms: 30_000 });
  await say(ann, "one");
  await sees(bob, contents, ["one"], "one");
  await server.kill();
  await bob.waitForSelector('#state:not([data-state="open"])');
  await bob.screenshot({ path: join(SHOTS, "reconnecting.png") });
  await server.launch();
  for (const page of [ann, bob]) await page.waitForSelector('#state[data-state="open"]', { timeout: 30_000 });
  await say(bob, "two");
  for (const page of [ann, bob]) await sees(page, contents, ["one", "two"], "nothing lost, nothing twice");
});

const MARK = "globalThis.hacked=1";
const PAYLOADS = [
  `<script>${MARK}</script>`, `<img src=x onerror="${MARK}">`, `<svg onload=${MARK}>`, `"><script>${MARK}</script>`,
  `'><img src=x onerror=${MARK}>`, `javascript:${MARK}`, `<a href="javascript:${MARK}">x</a>`,
  `<iframe srcdoc="<script>${MARK}</script>">`, `</li></ol><script>${MARK}</script>`, `<style>*{display:none}</style>`,
  `{{constructor.constructor('${MARK}')()}}`, `\${${MARK}}`, "<b>bold</b>", "&lt;b&gt; &amp; &#60;", "<!-- x -->",
  `<math><mtext></form><form><mglyph><style></math><img src onerror=${MARK}>`, "\u202eevil\u202c", "a\u2028b",
];

told("S3-1 page: hostile texts are shown as texts, in messages, names and titles", async (t) => {
  const { owner, room: id } = await room({ title: "<img src=x onerror=hacked=1>" });
  const reader = await visit(t, id);
  await join_(reader, "<b>reader</b>");
  await owner.join(id, { nickname: "<svg onload=alert(1)>" });
  for (const payload of PAYLOADS) await owner.say(id, payload);
  await sees(reader, contents, PAYLOADS, "each is there, to the letter");
  assert.deepEqual((await people(reader)).sort(), ["<b>reader</b>", "<svg onload=alert(1)>"]);
  assert.equal(await reader.textContent("#room-title"), "<img src=x onerror=hacked=1>");
  const strange = await reader.evaluate(() => ({
    hacked: "hacked" in globalThis,
    elements: [...document.querySelectorAll("#messages *, #people *, #room-title *")]
      .map(({ localName }) => localName).filter((name) => /^(script|img|iframe|svg|style|b|math|form)$/.test(name)),
    scripts: document.querySelectorAll("script:not([src])").length,
  }));
  assert.deepEqual(strange, { hacked: false, elements: [], scripts: 0 });
  await reader.screenshot({ path: join(SHOTS, "hostile.png") });
  await quiet(reader);
});

async function axe(page, where) {
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  assert.ok(passes.length > 10, "it did look");
  assert.deepEqual(found, [], where);
}

for (const colorScheme of ["light", "dark"])
  told(`S1-11 page: axe finds nothing at the door, in the room and in the dialog, ${colorScheme}`, async (t) => {
    const { owner, room: id } = await room();
    await owner.join(id, { nickname: "owner" });
    await owner.say(id, "hello");
    const page = await visit(t, id, { colorScheme, viewport: { width: 390, height: 800 } });
    await page.waitForSelector("#join-view:not([hidden])");
    await axe(page, "at the door");
    await page.screenshot({ path: join(SHOTS, `door-${colorScheme}.png`) });
    await join_(page, "ann");
    await sees(page, contents, ["hello"], "hello");
    await axe(page, "in the room");
    await page.screenshot({ path: join(SHOTS, `room-${colorScheme}.png`) });
    await page.setViewportSize({ width: 1000, height: 700 });
    await axe(page, "in the room, wide");
    await page.click("#rename");
    await axe(page, "in the dialog");
  });
