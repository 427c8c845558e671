/* Keys in the text field, and pasted texts. */
import assert from "node:assert/strict";
import { isVisible, cleanText } from "../../www/message-text.js";
import { contents, onStage, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

/* A key that ends a composition, as each browser reports it. */
const ENDINGS = [{ isComposing: true }, { keyCode: 229 }];

const press = (page, selector, key, fields) =>
  page.evaluate(([where, name, more]) => {
    const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
    return document.querySelector(where).dispatchEvent(event);
  }, [selector, key, fields]);

async function editing(t) {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann");
  await say(ann, "안녕");
  await until(async () => (await ann.locator(".message[data-id]").count()) === 1, "it is said");
  await ann.hover(".message[data-id]");
  await ann.click('.message [data-testid="more"]');
  await ann.click('[data-choice="edit"]');
  await ann.fill(".edit textarea", "안녕하세요");
  return ann;
}

told("C7 page: an Esc or Enter that ends a composition neither throws an edit away nor saves it", async (t) => {
  const ann = await editing(t);
  for (const ending of ENDINGS)
    for (const key of ["Escape", "Enter"]) {
      await press(ann, ".edit textarea", key, ending);
      assert.equal(await ann.inputValue(".edit textarea"), "안녕하세요", JSON.stringify({ key, ...ending }));
    }
  assert.deepEqual(await contents(ann), ["안녕"]);
  await press(ann, ".edit textarea", "Escape", {});
  assert.equal(await ann.locator(".edit").count(), 0, "an Esc of one's own does");
  quiet(ann);
});

told("C7 page: no listener, form or dialog hears a key that ends a composition", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann", { viewport: { width: 390, height: 700 } });
  await ann.click("#people-toggle");
  for (const ending of ENDINGS) {
    await press(ann, "#people-close", "Escape", ending);
    assert.notEqual(await ann.getAttribute("#people-panel", "data-open"), null, "the panel stays");
  }
  await ann.click("#rename");
  for (const ending of ENDINGS)
    for (const key of ["Escape", "Enter"])
      assert.equal(await press(ann, "#rename-nickname", key, ending), false, "the browser does nothing either");
  assert.ok(await ann.isVisible("#rename-dialog"));
  assert.equal(await press(ann, "#rename-nickname", "Escape", {}), true);
  quiet(ann);
});

told("C7 page: on a touch screen Enter starts a new line and the button sends, as the hint says", async (t) => {
  const { room } = await stage.room();
  const phone = { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true };
  const ann = await stage.member(t, room, "ann", phone);
  await ann.focus("#text");
  assert.equal(await ann.getAttribute("#text", "enterkeyhint"), "enter");
  assert.match(await ann.textContent("#text-hint"), /button sends/);
  await ann.keyboard.type("one");
  await ann.keyboard.press("Enter");
  await ann.keyboard.type("two");
  await shot(ann, "phone-newline");
  await ann.click("#send");
  await sees(ann, contents, ["one\ntwo"], "one message of two lines");
  await ann.focus("#text");
  await ann.keyboard.type("keyboard");
  await ann.keyboard.press("Control+Enter");
  await sees(ann, contents, ["one\ntwo", "keyboard"], "a keyboard can send");
  quiet(ann);
});

told("C7 page: with a mouse Enter sends, as the hint says", async (t) => {
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann");
  assert.equal(await ann.getAttribute("#text", "enterkeyhint"), "send");
  assert.match(await ann.textContent("#text-hint"), /Enter sends/);
  quiet(ann);
});

const TIDIED = [
  ["a\r\nb", "a\nb"], ["a\rb", "a\nb"], ["a\vb\fc\x85d", "a\nb\nc\nd"], ["a\0b\x07c\x1bd\x7fe\x9ff", "abcdef"], ["a\tb\n", "a\tb"],
  ["a\ud800b", "a\ufffdb"], ["\udc00", "\ufffd"], ["😀", "😀"], ["a \u3000\n", "a"], [" a", " a"], ["👩‍💻 می‌نا", "👩‍💻 می‌نا"],
];

told("B2 page: a pasted text becomes one that can be sent", () => {
  for (const [written, sent] of TIDIED) assert.equal(cleanText(written), sent, JSON.stringify(written));
  for (const blank of ["", "  ", "\n\t", "\u3164", "\u3164 \u2800\u200b", "\u00ad", "\u{e0041}", "\u115f\u1160", "\ufffc", "\ufe0f", "\u2028"])
    assert.equal(isVisible(blank), false, JSON.stringify(blank));
  for (const drawn of ["a", "가", "😀", ".", "\u0301", "\ufffd", "\u3164a"]) assert.equal(isVisible(drawn), true, JSON.stringify(drawn));
});

told("B2 S3-1 page: a pasted text with VT, FF, NUL and half a surrogate pair is sent", async (t) => {
  const { ann, bob } = await stage.pair(t);
  await ann.evaluate(() => (document.getElementById("text").value = "a\vb\fc\0d\ud800e"));
  await ann.click("#send");
  for (const page of [ann, bob]) await sees(page, contents, ["a\nb\ncd\ufffde"], "said");
  assert.equal(await ann.locator("[data-state=failed]").count(), 0);
  quiet(ann, bob);
});

told("B2 page: an invisible text is not sent, and stays in the box", async (t) => {
  const { ann, bob } = await stage.pair(t);
  const asked = [];
  ann.on("request", (request) => request.method() === "POST" && /messages$/.test(request.url()) && asked.push(request.url()));
  for (const blank of ["   ", "\u3164", "\u200b\u2800"]) await say(ann, blank);
  await say(ann, "drawn");
  await sees(bob, contents, ["drawn"], "the first that was sent");
  assert.equal(asked.length, 1);
  quiet(ann, bob);
});

told("B2 S3-4 page: a message that is refused for good says why, and can be rewritten", async (t) => {
  const { ann, bob } = await stage.pair(t);
  let asked = 0;
  await ann.route("**/messages", (route) => {
    if (route.request().method() !== "POST" || asked++ > 0) return route.fallback();
    const problem = { type: "about:blank", title: "Unprocessable Content", status: 422, code: "content_odd", detail: "must not be odd" };
    return route.fulfill({ status: 422, contentType: "application/problem+json", json: problem });
  });
  await say(ann, "odd");
  await ann.waitForSelector('[data-state="failed"]');
  assert.equal(asked, 1, "it is not tried again");
  const why = await ann.textContent(".failed .why");
  assert.match(why, /refused.*must not be odd/);
  assert.doesNotMatch(why, /try again/i);
  assert.equal(await ann.locator('[data-testid="retry"]').count(), 0);
  await shot(ann, "refused");
  await ann.fill("#text", "half a thought");
  await ann.click('[data-testid="rewrite"]');
  assert.equal(await ann.inputValue("#text"), "odd\nhalf a thought");
  assert.deepEqual(await contents(ann), []);
  await say(ann, "even");
  for (const page of [ann, bob]) await sees(page, contents, ["even"], "said");
  quiet(ann, bob);
});
