/* Rooms with options: created, joined with a password, changed, deleted, expired and reopened. */
import assert from "node:assert/strict";
import { axe, connected, contents, enter, onStage, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

const entered = (page, form, name) => page.locator(`#${form} [name="${name}"]`);

async function joinWith(page, nickname, password) {
  await page.fill("#nickname", nickname);
  if (password) await page.fill("#password", password);
  await page.click("#join");
}

/* ANN creates a room with OPTIONS of the form, and joins it; returns its address. */
async function makes(t, fill) {
  const ann = await stage.visit(t, "?namespace=made");
  await ann.fill("#create-title", "Sunday football");
  await ann.click("#create-more summary");
  await fill(ann);
  await ann.click("#create");
  await ann.waitForURL(/\?room=/);
  await enter(ann, "ann");
  return { ann, address: new URL(ann.url()).search };
}

async function entersSettings(page) {
  await page.click("#settings");
  await page.waitForSelector("#settings-dialog[open]");
}

const alone = async (t, fields) => {
  const { ann, address } = await makes(t, async () => {});
  const owner = await stage.person(ann);
  const room = new URLSearchParams(address).get("room");
  if (fields) await owner.ask("PATCH", `/rooms/${room}`, fields);
  return { ann, owner, room, address };
};

told("S1-3 S4-2 page: a room is created with a capacity, an expiry, a password, quiet notices, slow mode and not listed", async (t) => {
  const { ann, address } = await makes(t, async (page) => {
    await entered(page, "create-form", "capacity").fill("7");
    await entered(page, "create-form", "expiry").selectOption("day");
    await entered(page, "create-form", "password").fill("open sesame");
    await entered(page, "create-form", "notices").selectOption("quiet");
    await entered(page, "create-form", "slow").selectOption("30000");
    await entered(page, "create-form", "listed").uncheck();
    await axe(page, "the options");
    await shot(page, "create");
  });
  const { room } = await (await stage.person(ann)).ask("GET", `/rooms/${new URLSearchParams(address).get("room")}`);
  const { capacity, has_password: locked, listed, notices, slow_ms: slow, expires_at: ends } = room;
  assert.deepEqual([capacity, locked, listed, notices, slow], [7, true, false, "quiet", 30_000]);
  assert.ok(Math.abs(new Date(ends) - Date.now() - 86_400_000) < 60_000, "in a day");
  assert.match(await ann.textContent("#room-about"), /Closes/);
  quiet(ann);
});

told("page: an impossible number of seats is reported at its field, and the other choices stay", async (t) => {
  const ann = await stage.visit(t, "");
  await ann.fill("#create-title", "Crowd");
  await ann.click("#create-more summary");
  await entered(ann, "create-form", "expiry").selectOption("week");
  await entered(ann, "create-form", "capacity").fill("0");
  await ann.click("#create");
  await until(async () => /between 1 and 100,000/.test(await ann.textContent("#create-error")), "it is told");
  assert.equal(await entered(ann, "create-form", "capacity").getAttribute("aria-invalid"), "true");
  assert.ok(await ann.evaluate(() => document.activeElement.name === "capacity"));
  assert.equal(await entered(ann, "create-form", "expiry").inputValue(), "week");
  quiet(ann);
});

told("S2-1 page: the join form asks for the password, and says when it is missing or wrong; a member no longer needs it", async (t) => {
  const { ann, address } = await makes(t, (page) => entered(page, "create-form", "password").fill("open sesame"));
  const bob = await stage.visit(t, address);
  await bob.waitForSelector("#password-box:not([hidden])");
  await joinWith(bob, "bob", "");
  await until(async () => /has a password/.test(await bob.textContent("#join-error")), "it is missing");
  assert.ok(await bob.evaluate(() => document.activeElement.id === "password"));
  await joinWith(bob, "bob", "sesame");
  await until(async () => /password is wrong/.test(await bob.textContent("#join-error")), "it is wrong");
  await axe(bob, "the locked door");
  await shot(bob, "password");
  await joinWith(bob, "bob", "open sesame");
  await connected(bob);
  await bob.reload();
  await connected(bob);
  quiet(ann, bob);
});

told("S1-10 page: the owner changes the room, everybody sees it, and its password goes", async (t) => {
  const { ann, address, owner, room } = await alone(t, { password: "secret", slow_ms: 7000 });
  const bob = await stage.visit(t, address);
  await bob.waitForSelector("#password-box:not([hidden])");
  await joinWith(bob, "bob", "secret");
  await connected(bob);
  assert.ok(await bob.isHidden("#settings"));
  await entersSettings(ann);
  assert.equal(await entered(ann, "settings-form", "slow").inputValue(), "7000");
  await ann.fill("#settings-title", "Monday rest");
  await entered(ann, "settings-form", "unlock").check();
  await entered(ann, "settings-form", "capacity").fill("3");
  await entered(ann, "settings-form", "slow").selectOption("0");
  await axe(ann, "the settings");
  await shot(ann, "settings");
  await ann.click("#settings-save");
  for (const page of [ann, bob])
    await until(async () => (await page.textContent("#room-title")) === "Monday rest", "a new title");
  const now = (await owner.ask("GET", `/rooms/${room}`)).room;
  assert.deepEqual([now.has_password, now.capacity, now.slow_ms], [false, 3, 0]);
  assert.ok(await ann.isHidden("#settings-dialog"));
  quiet(ann, bob);
});

told("page: a refused title is reported in the settings, which stay open, and Esc closes them", async (t) => {
  const { ann } = await alone(t);
  await entersSettings(ann);
  await ann.fill("#settings-title", " ");
  await ann.click("#settings-save");
  await until(async () => /title cannot be used/.test(await ann.textContent("#settings-error")), "it is told");
  assert.equal(await ann.getAttribute("#settings-title", "aria-invalid"), "true");
  await ann.keyboard.press("Escape");
  assert.ok(await ann.isHidden("#settings-dialog"));
  assert.equal(await ann.textContent("#room-title"), "Sunday football");
  quiet(ann);
});

told("page: the owner confirms that the room be deleted, and the others are told that it is gone", async (t) => {
  const { ann, address } = await alone(t);
  const bob = await stage.visit(t, address);
  await enter(bob, "bob");
  await entersSettings(ann);
  await ann.click("#delete-room");
  await axe(ann, "asked once more");
  await ann.click("#confirm-cancel");
  await say(bob, "still here");
  await sees(ann, contents, ["still here"], "nothing was done");
  await ann.click("#delete-room");
  await ann.click("#confirm-yes");
  await ann.waitForSelector("#start-view:not([hidden])");
  assert.match(await ann.textContent("#start-message"), /has been deleted/);
  await bob.waitForSelector('#join-view[data-state="missing"]');
  quiet(ann, bob);
});

told("S3-3 page: members can still read a room that has expired, and its owner reopens it", async (t) => {
  const { ann, address, owner, room } = await alone(t);
  const bob = await stage.visit(t, address);
  await enter(bob, "bob");
  await say(bob, "last words");
  await sees(ann, contents, ["last words"], "said");
  await owner.ask("PATCH", `/rooms/${room}`, { expires_at: new Date(Date.now() + 1500).toISOString() });
  for (const page of [ann, bob]) await page.waitForSelector('#chat-view[data-state="expired"]');
  assert.deepEqual(await contents(bob), ["last words"]);
  assert.ok(await bob.isHidden("#compose"));
  assert.ok(await bob.isHidden("#reopen"));
  await shot(ann, "expired-owner");
  await axe(ann, "a closed room");
  const late = await stage.visit(t, address);
  await late.waitForSelector('#join-view[data-state="expired"]');
  await ann.click("#reopen");
  assert.equal(await entered(ann, "settings-form", "expiry").inputValue(), "never");
  await ann.click("#settings-save");
  await connected(ann);
  await bob.reload();
  await connected(bob);
  await say(bob, "again");
  await sees(ann, contents, ["last words", "again"], "it is open");
  quiet(ann, bob, late);
});
