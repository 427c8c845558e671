/* Editing, deleting, announcing and slow mode, as two visitors see them. */
import assert from "node:assert/strict";
import { axe, connected, contents, enter, onStage, people, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

const nth = (page, n) => page.locator('[data-testid="message"]').nth(n);

async function choose(page, item, choice) {
  await item.hover();
  await item.locator('[data-testid="more"]').click();
  await page.click(`[data-choice="${choice}"]`);
}

const choices = async (page, item) => {
  await item.hover();
  await item.locator('[data-testid="more"]').click();
  const names = await page.locator("[data-choice]").evaluateAll((all) => all.map(({ dataset }) => dataset.choice));
  await page.keyboard.press("Escape");
  return names;
};

/* ANN owns the room and is in it; BOB is a member. */
async function owned(t, fields) {
  const ann = await stage.visit(t, "");
  await ann.fill("#create-title", "Front room");
  await ann.click("#create");
  await ann.waitForURL(/\?room=/);
  await enter(ann, "ann");
  const address = new URL(ann.url()).search;
  const room = new URLSearchParams(address).get("room");
  const owner = await stage.person(ann);
  if (fields) await owner.ask("PATCH", `/rooms/${room}`, fields);
  const bob = await stage.visit(t, address);
  await enter(bob, "bob");
  await sees(ann, people, ["ann", "bob"], "both are there");
  return { ann, bob, owner, room };
}

told("S3-1 page: a message is edited in place, and both visitors see the new text and the mark", async (t) => {
  const { ann, bob } = await stage.pair(t);
  await say(ann, "helo");
  await say(bob, "what?");
  await sees(ann, contents, ["helo", "what?"], "said");
  await choose(ann, nth(ann, 0), "edit");
  const box = ann.locator('[data-testid="edit"] textarea');
  assert.equal(await box.inputValue(), "helo");
  assert.ok(await box.evaluate((one) => one === document.activeElement));
  await axe(ann, "editing");
  await shot(ann, "editing");
  await box.fill("hello");
  await box.press("Enter");
  for (const page of [ann, bob]) {
    await sees(page, contents, ["hello", "what?"], "edited");
    assert.equal(await nth(page, 0).locator(".edited").textContent(), "edited");
    assert.equal(await page.locator(".edited").count(), 1);
  }
  assert.equal(await ann.locator('[data-testid="edit"]').count(), 0);
  await bob.reload();
  await connected(bob);
  await sees(bob, contents, ["hello", "what?"], "after a reload");
  assert.equal(await bob.locator(".edited").count(), 1);
  quiet(ann, bob);
});

told("page: Esc cancels an edit; an empty text or one that is too long is not saved", async (t) => {
  const { ann, bob } = await stage.pair(t);
  await say(ann, "as it was");
  await sees(bob, contents, ["as it was"], "said");
  await choose(ann, nth(ann, 0), "edit");
  const box = ann.locator('[data-testid="edit"] textarea');
  const error = ann.locator('[data-testid="edit"] .error');
  await box.fill(" ");
  await box.press("Enter");
  await until(async () => /Write something/.test(await error.textContent()), "nothing is no message");
  await box.fill("x".repeat(4001));
  await box.press("Enter");
  await until(async () => /Too long by 1 character\b/.test(await error.textContent()), "too long");
  assert.equal(await box.getAttribute("aria-invalid"), "true");
  await box.press("Escape");
  assert.equal(await ann.locator('[data-testid="edit"]').count(), 0);
  assert.ok(await ann.evaluate(() => document.activeElement.id === "text"), "one goes on writing");
  await say(ann, "after");
  await sees(bob, contents, ["as it was", "after"], "unchanged");
  quiet(ann, bob);
});

told("page: an edit survives other people's messages, and ends when the message is deleted", async (t) => {
  const { owner, room, ann, bob } = await stage.pair(t);
  await say(ann, "first");
  await sees(bob, contents, ["first"], "said");
  await choose(ann, nth(ann, 0), "edit");
  const box = ann.locator('[data-testid="edit"] textarea');
  await box.fill("half a thought");
  const id = await nth(ann, 0).getAttribute("data-id");
  await (await stage.person(ann)).ask("PATCH", `/rooms/${room}/messages/${id}`, { content: "from another tab" });
  await sees(bob, contents, ["from another tab"], "changed elsewhere");
  await say(bob, "news");
  await sees(ann, contents, ["from another tab", "news"], "all is there");
  assert.equal(await box.inputValue(), "half a thought");
  await owner.ask("DELETE", `/rooms/${room}/messages/${id}`);
  await sees(ann, contents, ["Message deleted", "news"], "gone");
  assert.equal(await box.count(), 0);
  quiet(ann, bob);
});

told("S3-8 page: both visitors see that a message was deleted, and it has no actions", async (t) => {
  const { ann, bob } = await stage.pair(t);
  await say(ann, "a secret");
  await say(ann, "and more");
  await sees(bob, contents, ["a secret", "and more"], "said");
  await choose(ann, nth(ann, 0), "delete");
  await axe(ann, "asked once more");
  await shot(ann, "delete-message");
  await ann.click("#confirm-cancel");
  assert.deepEqual(await contents(ann), ["a secret", "and more"]);
  await choose(ann, nth(ann, 0), "delete");
  await ann.click("#confirm-yes");
  for (const page of [ann, bob]) {
    await sees(page, contents, ["Message deleted", "and more"], "deleted");
    assert.equal(await nth(page, 0).locator("button").count(), 0);
    assert.doesNotMatch(await page.content(), /a secret/);
  }
  await bob.reload();
  await connected(bob);
  await sees(bob, contents, ["Message deleted", "and more"], "after a reload");
  await shot(bob, "deleted");
  quiet(ann, bob);
});

told("page: a member cannot change others' messages; a moderator deletes them and edits only their own", async (t) => {
  const { ann, bob, owner, room } = await owned(t);
  await say(ann, "from ann");
  await say(bob, "from bob");
  await sees(bob, contents, ["from ann", "from bob"], "said");
  await nth(bob, 0).hover();
  assert.ok(await nth(bob, 0).locator('[data-testid="more"]').isHidden());
  assert.deepEqual(await choices(ann, nth(ann, 0)), ["edit", "delete"]);
  assert.deepEqual(await choices(ann, nth(ann, 1)), ["delete"]);
  const { chatters } = await owner.list(room);
  const { id } = chatters.find(({ nickname }) => nickname === "bob");
  await owner.ask("PATCH", `/rooms/${room}/chatters/${id}`, { role: "moderator" });
  await bob.waitForSelector('#chat-view[data-role="moderator"]');
  await choose(bob, nth(bob, 0), "delete");
  await bob.click("#confirm-yes");
  await sees(ann, contents, ["Message deleted", "from bob"], "by a moderator");
  quiet(ann, bob);
});

told("S3-2 page: the owner sends an announcement, which everybody sees as one; a member cannot", async (t) => {
  const { ann, bob } = await owned(t);
  assert.ok(await bob.isHidden("#as-alert"));
  await say(bob, "hi");
  await ann.click("#as-alert");
  assert.equal(await ann.getAttribute("#as-alert", "aria-pressed"), "true");
  assert.equal(await ann.getAttribute("#text", "placeholder"), "Write an announcement");
  await shot(ann, "announcing");
  await say(ann, "We close at ten.\nBring your cups.");
  const announced = (page) => page.locator(".alert:not(.notice) .text").allTextContents();
  for (const page of [ann, bob]) {
    await sees(page, announced, ["We close at ten.\nBring your cups."], "announced");
    assert.match(await page.locator(".alert-head").textContent(), /Announcement\s*ann/);
    assert.deepEqual(await contents(page), ["hi"]);
  }
  assert.equal(await ann.getAttribute("#as-alert", "aria-pressed"), "false");
  await say(ann, "just so");
  await sees(bob, contents, ["hi", "just so"], "the next one is a message again");
  await axe(bob, "an announcement");
  await shot(bob, "announcement");
  quiet(ann, bob);
});

told("page: in slow mode the page says how long to wait and keeps the text, and the owner need not wait", async (t) => {
  const { ann, bob } = await owned(t, { slow_ms: 5_000 });
  await until(async () => /One message every 5 seconds/.test(await bob.textContent("#slow")), "it is told");
  await say(bob, "one");
  await sees(ann, contents, ["one"], "the first");
  await until(async () => /write again in \d seconds?/.test(await bob.textContent("#slow")), "so long");
  await say(bob, "two");
  assert.match(await bob.textContent("#text-error"), /Not sent yet/);
  assert.equal(await bob.inputValue("#text"), "two");
  await axe(bob, "slow mode");
  await shot(bob, "slow");
  await until(async () => /One message every/.test(await bob.textContent("#slow")), "the wait is over");
  await bob.press("#text", "Enter");
  await sees(ann, contents, ["one", "two"], "the second");
  assert.ok(await ann.isHidden("#slow"));
  await say(ann, "three");
  await say(ann, "four");
  await sees(bob, contents, ["one", "two", "three", "four"], "at once");
  quiet(ann, bob);
});

told("page: the page shows a wait that only the server knew of, and the unsent message stays to be sent", async (t) => {
  const { ann, bob } = await owned(t, { slow_ms: 60_000 });
  await say(bob, "one");
  await sees(ann, contents, ["one"], "the first");
  await bob.reload();
  await connected(bob);
  await say(bob, "two");
  await bob.waitForSelector('[data-state="failed"]');
  assert.match(await bob.locator(".why").textContent(), /slow mode/);
  assert.match(await bob.textContent("#slow"), /write again in/);
  quiet(ann, bob);
});

told("page: on a phone the heart does not cover the mark of an edited message", async (t) => {
  const phone = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true };
  const { ann, bob } = await stage.pair(t, {}, phone);
  await say(ann, "helo");
  await sees(ann, contents, ["helo"], "said");
  await choose(ann, nth(ann, 0), "edit");
  await ann.fill('[data-testid="edit"] textarea', "hello");
  await ann.click('[data-testid="edit"] .primary');
  await say(ann, "is it you?");
  await bob.waitForSelector(".edited");
  const [mark, heart] = await Promise.all([".edited", ".message:has(.edited) .like"].map((one) => bob.locator(one).boundingBox()));
  const beside = mark.x >= heart.x + heart.width || mark.x + mark.width <= heart.x;
  const below = mark.y >= heart.y + heart.height || mark.y + mark.height <= heart.y;
  assert.ok(beside || below, JSON.stringify({ mark, heart }));
  await shot(bob, "phone-edited");
  quiet(ann, bob);
});
