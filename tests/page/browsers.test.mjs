/* The oldest supported browsers, older ones, and scripts that fail to load. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";
import { TOP } from "../e2e/lib/server.mjs";
import { files, text } from "../tree/lib/tree.mjs";
import { connected, contents, enter, onStage, people, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

const OLDEST = { Chrome: 115, Edge: 115, Firefox: 115, Safari: 16.4 };

/* Properties that at least one of these browsers lacks, by object. */
const LACKING = {
  AbortSignal: ["any"],
  URL: ["canParse", "parse"],
  Promise: ["withResolvers", "try"],
  Object: ["groupBy"],
  Map: ["groupBy"],
  Array: ["fromAsync"],
  "Set.prototype": ["union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom"],
  "String.prototype": ["isWellFormed", "toWellFormed"],
  "Iterator.prototype": ["map", "filter", "take", "drop", "flatMap", "reduce", "toArray", "forEach", "some", "every", "find"],
  "ArrayBuffer.prototype": ["transfer", "transferToFixedLength", "resize"],
  RegExp: ["escape"],
  Error: ["isError", "captureStackTrace"],
  Uint8Array: ["fromBase64", "fromHex"],
  "Uint8Array.prototype": ["toBase64", "toHex"],
  Intl: ["Segmenter", "DurationFormat"],
  Response: ["json"],
  ReadableStream: ["from"],
  Atomics: ["waitAsync", "pause"],
  "HTMLElement.prototype": ["popover", "showPopover", "hidePopover", "togglePopover", "editContext"],
  "Element.prototype": ["checkVisibility", "setHTMLUnsafe", "getHTML", "moveBefore", "computedStyleMap"],
  "Document.prototype": ["startViewTransition", "caretPositionFromPoint"],
  "HTMLDialogElement.prototype": ["requestClose", "closedBy"],
  globalThis: ["Iterator", "CloseWatcher", "scheduler", "requestIdleCallback", "cancelIdleCallback", "navigation", "URLPattern",
    "Temporal", "Highlight", "Sanitizer", "SuppressedError", "DisposableStack", "AsyncDisposableStack", "WebTransport"],
};

/* Removes the features in LISTS from CONTEXT, before any script of the page runs. */
const take = (context, lists) => context.addInitScript((lacking) => {
  for (const [path, names] of Object.entries(lacking)) {
    const owner = path.split(".").reduce((object, name) => object?.[name], globalThis);
    for (const name of owner ? names : []) delete owner[name];
  }
  document.addEventListener("DOMContentLoaded", () => document.getElementById("menu")?.removeAttribute("popover"));
}, lists);

told("C4 page: the document, and the page's notice to older browsers, name the oldest supported ones", () => {
  const client = readFileSync(join(TOP, "docs/CLIENT.md"), "utf8");
  const html = readFileSync(join(TOP, "www/index.html"), "utf8");
  for (const [name, version] of Object.entries(OLDEST)) {
    assert.match(client, new RegExp(`${name} ${version}\\b`));
    assert.match(html, new RegExp(name));
    assert.ok(html.includes(String(version)));
  }
});

told("C4 page: without the features that the oldest supported browsers lack, two visitors talk, and every part works", async (t) => {
  const contexts = [await stage.visitor(t), await stage.visitor(t)];
  for (const context of contexts) await take(context, LACKING);
  const ann = await stage.visit(t, "", { context: contexts[0] });
  const lacks = await ann.evaluate(() => !("any" in AbortSignal) && !("canParse" in URL) && !("popover" in HTMLElement.prototype));
  assert.ok(lacks);
  await ann.fill("#create-title", "Old room");
  await ann.click("#create");
  await ann.waitForSelector("#join-form");
  await enter(ann, "ann");
  const bob = await stage.visit(t, `?room=${new URL(ann.url()).searchParams.get("room")}`, { context: contexts[1] });
  await enter(bob, "bob");
  await sees(ann, people, ["ann", "bob"], "both are there");
  await say(ann, "see https://example.com/a");
  await say(bob, "hello");
  for (const page of [ann, bob]) await sees(page, contents, ["see https://example.com/a", "hello"], "both hear both");
  assert.equal(await bob.locator(".message a").count(), 1);
  await ann.click('[data-testid="person"] [data-testid="more"]');
  await ann.waitForSelector('[data-choice="ban"]');
  await shot(ann, "oldest-menu");
  await ann.keyboard.press("Escape");
  await ann.waitForSelector('[data-choice="ban"]', { state: "hidden" });
  await ann.context().setOffline(true);
  await ann.waitForSelector('#state:not([data-state="open"])', { state: "attached" });
  await ann.context().setOffline(false);
  await connected(ann);
  await bob.click('[data-testid="like"]');
  await until(async () => (await ann.title()).includes("\u{1F514}1"), "ann is notified");
  await ann.click("#bell");
  await until(async () => (await ann.locator('[data-testid="notification"]').count()) === 1, "and sees of what");
  assert.equal(await ann.getAttribute("html", "data-page"), "begun");
  quiet(ann, bob);
});

const SAYS = /This chat cannot run in this browser\..*115.*16\.4/;

async function isTold(page, what) {
  await until(() => page.isVisible("#unsupported"), `${what}: it says so`);
  assert.match(await page.textContent("#unsupported"), SAYS, what);
  assert.ok(await page.isHidden("main"), what);
  assert.equal(await page.locator("#unsupported a").getAttribute("href"), "api/v1/openapi.json");
}

told("C4 page: a browser that lacks a needed feature shows a notice, whichever feature it is", async (t) => {
  const source = text("www/browser-check.js");
  const needed = [...source.matchAll(/\["(\w+)", ([\w.]+)\]/g)].map(([, name, owner]) => [owner.replace(/^window$/, "globalThis"), name]);
  assert.ok(needed.length > 8);
  for (const [owner, name] of needed) {
    const context = await stage.visitor(t);
    await take(context, { [owner]: [name] });
    const page = await stage.visit(t, "", { context });
    await isTold(page, `${owner}.${name}`);
    await shot(page, "unsupported");
    await context.close();
  }
});

told("C4 page: a page whose scripts are missing or cannot be parsed shows the notice as well", async (t) => {
  const broken = [{ status: 404, body: "" }, { contentType: "text/javascript", body: "const = 1;" }, { contentType: "text/javascript", body: "throw 1;" }];
  for (const answer of broken)
    for (const name of ["app.js", "chat.js"]) {
      const context = await stage.visitor(t);
      await context.route(`**/${name}`, (route) => route.fulfill(answer));
      await isTold(await stage.visit(t, "?room=none", { context }), `${name} ${JSON.stringify(answer)}`);
      await context.close();
    }
});

told("C4 page: without JavaScript the page says that it needs it, and names another way", async (t) => {
  const page = await stage.visit(t, "", { javaScriptEnabled: false });
  assert.match(await page.textContent("noscript"), /needs JavaScript/);
  assert.match(await page.textContent("noscript"), /curl/);
  await shot(page, "no-script");
});

told("C4 page: an error of another script does not hide a page that works", async (t) => {
  const context = await stage.visitor(t);
  await context.addInitScript(() => addEventListener("DOMContentLoaded", () => Promise.reject(new Error("an extension's"))));
  const page = await stage.visit(t, "", { context });
  await page.waitForSelector('html[data-page="begun"]');
  assert.ok(await page.isHidden("#unsupported"));
  assert.ok(await page.isVisible("#start-title"));
});

/* Syntax for which the oldest browsers drop a whole rule. */
const NEWER_STYLE = /^\s*&|light-dark\(|@scope|@starting-style|anchor\(|field-sizing|@position-try|interpolate-size|linear\(|:popover-open|@property/m;
const HIDES = /^(display: none|visibility: hidden|opacity: 0|position: absolute|pointer-events: none|clip-path: .*)$/;

told("C4 page: scripts and styles use only syntax that the oldest browsers read", () => {
  const scripts = files(/^www\/.*\.js$/).filter((name) => name !== "www/browser-check.js");
  assert.ok(scripts.length > 30);
  for (const name of scripts) parse(text(name), { ecmaVersion: 2022, sourceType: "module" });
  parse(text("www/browser-check.js"), { ecmaVersion: 5, sourceType: "script" });
  assert.throws(() => parse("using x = 1;", { ecmaVersion: 2022, sourceType: "module" }));
  assert.throws(() => parse("/a/v", { ecmaVersion: 2022, sourceType: "module" }));
  const sheets = files(/^www\/.*\.css$/);
  assert.ok(sheets.length > 5);
  const style = sheets.map(text).join("\n");
  assert.match("  & a {}", NEWER_STYLE);
  assert.doesNotMatch(style, NEWER_STYLE);
  for (const [, rule] of style.matchAll(/^[^\n{}]*:has\([^{}]*\{([^}]*)\}/gm)) /* Firefox has it since 121 */
    for (const line of rule.split(";").map((one) => one.trim()).filter(Boolean)) assert.match(line, HIDES, "what is dropped only hides");
  for (const [before] of style.matchAll(/^.*\n.*: 100dvh;/gm)) assert.match(before, /100vh/);
});

told("C4 page: a message that cannot be rendered does not affect the others, in a snapshot and on the stream", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  for (const content of ["one", "two", "three", "four"]) await owner.say(room, content);
  const spoil = [(message) => (message.created_at = "never"), (message) => (message.content = null), (message) => (message.chatter = { id: null })];
  const context = await stage.visitor(t);
  await context.route("**/chatters", async (route) => {
    const response = await route.fetch();
    const picture = await response.json();
    picture.messages.filter(({ type }) => type === "message").slice(0, 3).forEach((message, i) => spoil[i](message));
    await route.fulfill({ response, json: picture });
  });
  await context.addInitScript(() => {
    const { parse: read } = JSON;
    JSON.parse = (source) => {
      const value = read(source);
      if (value?.message?.content === "spoil me") value.message.created_at = "never";
      return value;
    };
  });
  const ann = await stage.visit(t, `?room=${room}`, { context });
  await enter(ann, "ann");
  await sees(ann, contents, ["four"], "the last stands");
  assert.equal(await ann.locator('[data-testid="broken"]').count(), 3);
  await owner.say(room, "spoil me");
  await owner.say(room, "five");
  await sees(ann, contents, ["four", "five"], "what comes later stands too");
  assert.equal(await ann.locator('[data-testid="broken"]').count(), 4);
  await say(ann, "six");
  await sees(ann, contents, ["four", "five", "six"], "and one can write");
  await shot(ann, "broken");
});
