/*
 * The page in Chromium, served by the real embedded poller: visitors with
 * windows of their own, and what they see.  Screenshots go to
 * build/test/screenshots/.
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import { Person } from "../e2e/lib/client.mjs";
import { webServer } from "../e2e/lib/proxy.mjs";
import { Server, TOP, said } from "../e2e/lib/server.mjs";
import { TEST_LIMIT_MS, until as met } from "../e2e/lib/wait.mjs";

const SHOTS = join(TOP, "build/test/screenshots");
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/*
 * Nobody sees the browser's windows, so the tests turn off what costs more
 * than the page itself: address bars, each a page in two processes, the spare
 * renderer, and the processes for graphics and network.  The first two lines
 * are the features that Playwright turns off and that matter here, because
 * Chromium takes only one such list.
 */
const WITHOUT = [
  "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "MediaRouter", "OptimizationHints", "PaintHolding", "AimEnabled",
  "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "ThirdPartyStoragePartitioning", "LensOverlay",
  "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "SpareRendererForSitePerProcess",
];
/* Likewise, and turned on. */
const WITH = ["CDPScreenshotNewSurface", "NetworkServiceInProcess2"];
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  `--disable-features=${WITHOUT}`, `--enable-features=${WITH}`,
];

/* A look at a page passes through three programs, so it is taken less often than others. */
const LOOK_MS = 30;

export function until(condition, what) {
  let looked = false;
  const look = async () => {
    if (looked) await pause(LOOK_MS);
    looked = true;
    return condition();
  };
  return met(look, what);
}

export const told = (name, fn) => test(name, { timeout: TEST_LIMIT_MS }, fn);

/* A server and a browser for the tests of a file. */
export function onStage(settings = {}) {
  const server = new Server({ settings: { hb_ms: 500, retry_ms: 100, ...settings } });
  const stage = new Stage(server);
  before(async () => {
    await server.start();
    await stage.open();
  }, { timeout: TEST_LIMIT_MS });
  after(async () => {
    await stage.close();
    await server.end();
  }, { timeout: TEST_LIMIT_MS });
  return stage;
}

export class Stage {
  constructor(server) {
    this.server = server;
  }

  async open() {
    await mkdir(SHOTS, { recursive: true });
    this.profile = await mkdtemp(join(tmpdir(), "parlor-chromium-"));
    this.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: FLAGS,
      env: { ...process.env, HOME: this.profile },
    });
  }

  async close() {
    await this.browser?.close();
    await rm(this.profile, { recursive: true, force: true });
  }

  /* A browser context for one visitor. */
  async visitor(t, options = {}) {
    const context = await this.browser.newContext({
      viewport: { width: 1000, height: 700 }, locale: "en-US", ...options,
    });
    t.after(() => context.close());
    return context;
  }

  /* A window of a new visitor, or a tab of CONTEXT.  It collects its errors. */
  async visit(t, address, { url = this.server.url, context, ...options } = {}) {
    const page = await (context ?? (await this.visitor(t, options))).newPage();
    page.setDefaultTimeout(TEST_LIMIT_MS / 5);
    page.wrong = [];
    page.on("pageerror", (error) => page.wrong.push(String(error)));
    page.on("dialog", (dialog) => (page.wrong.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
    page.on("console", (line) => {
      if (/Content Security Policy/.test(line.text())) page.wrong.push(line.text());
    });
    await page.goto(`${url}/${address}`);
    return page;
  }

  /* The person of PAGE, for requests to the API. */
  async person(page) {
    const kept = await page.evaluate(() => Object.values(sessionStorage).map((text) => JSON.parse(text)));
    return new Person(this.server, { token: kept.find((value) => value?.token).token });
  }

  async room(fields = {}) {
    const owner = new Person(this.server);
    return { owner, room: await owner.create({ title: "Front room", grace_ms: 2000, ...fields }) };
  }

  /* A new visitor in ROOM, called NICKNAME. */
  async member(t, room, nickname, options) {
    const page = await this.visit(t, `?room=${room}`, options);
    await enter(page, nickname);
    return page;
  }

  /* Two visitors who see one another. */
  async pair(t, fields, options) {
    const place = await this.room(fields);
    const ann = await this.member(t, place.room, "ann", options);
    const bob = await this.member(t, place.room, "bob", options);
    for (const page of [ann, bob]) await sees(page, people, ["ann", "bob"], "both are there");
    return { ...place, ann, bob };
  }
}

export const connected = (page) =>
  page.waitForSelector('#state[data-state="open"]', { state: "attached" });

export async function enter(page, nickname) {
  await page.fill("#nickname", nickname);
  await page.click("#join");
  await page.waitForSelector("#chat-view:not([hidden])");
  await connected(page);
}

export async function say(page, text) {
  await page.fill("#text", text);
  await page.click("#send");
}

export const contents = (page) => page.locator('[data-testid="message"] .text').allTextContents();
export const notices = (page) => page.locator('[data-testid="alert"] .text').allTextContents();
export const people = (page) => page.locator('[data-testid="person"] .name').allTextContents();

export async function sees(page, look, wanted, what) {
  const same = async () => JSON.stringify(await look(page)) === JSON.stringify(wanted);
  try {
    await until(same, what);
  } catch (error) {
    error.message += `: ${JSON.stringify(await look(page))} is not ${JSON.stringify(wanted)}\n${said()}`;
    throw error;
  }
}

/* Nothing was thrown, and nothing violated the content security policy. */
export function quiet(...pages) {
  for (const page of pages) assert.deepEqual(page.wrong, []);
}

export async function axe(page, where) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(await readFile(AXE, "utf8"));
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  assert.ok(passes.length > 10, "it did look");
  assert.deepEqual(found, [], where);
}

export function shot(page, name) {
  return page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/* Headless tabs are always visible, so this tells the page that it is hidden. */
export async function hide(page, hidden) {
  await page.evaluate((now) => {
    Object.defineProperty(document, "hidden", { value: now, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

/*
 * A stream of the library in PAGE.  It keeps its states in `seen`, and what was
 * said in `heard`.
 */
export async function openStream(page, room, options = {}) {
  await page.evaluate(async ([id, more]) => {
    const { Parlor } = await import("./parlor.js");
    const parlor = new Parlor();
    const { chatter, cursor } = await parlor.join(id);
    Object.assign(globalThis, { parlor, chatter, seen: [], heard: [] });
    globalThis.stream = parlor.stream([id], { cursor, ...more })
      .on("state", (change) => globalThis.seen.push(change))
      .on("message", ({ message }) => globalThis.heard.push(message.content));
    globalThis.stream.open();
  }, [room, options]);
}

export const states = (page, state) => page.evaluate((wanted) => globalThis.seen.filter((one) => one.state === wanted), state);
export const heard = (page) => page.evaluate(() => globalThis.heard);

/* A web server in front, with the service in the folder /chat/, and an answer() that may change. */
export async function front(t, stage) {
  const place = { answer: () => false };
  const answer = (request, response) => place.answer(request, response);
  Object.assign(place, await webServer(stage.server.port, answer, "/chat"));
  t.after(place.close);
  return place;
}
