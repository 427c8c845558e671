/* Roles, removal and bans: what the owner and the moderators do, and how the others are told. */
import assert from "node:assert/strict";
import {
  axe, connected, contents, enter, notices, onStage, people, quiet, say, sees, shot, told, until,
} from "./lib.mjs";

const stage = onStage({ edit_ms: 1 });

const person = (page, name) => page.locator('[data-testid="person"]', { hasText: name });
const tags = (page, name) => person(page, name).locator(".tag").allTextContents();

async function open(page, name) {
  await person(page, name).hover();
  await person(page, name).locator('[data-testid="more"]').click();
}

const choices = (page) =>
  page.locator("[data-choice]").evaluateAll((all) => all.map(({ dataset }) => dataset.choice));

async function does(page, name, choice) {
  await open(page, name);
  await page.click(`[data-choice="${choice}"]`);
  await page.click("#confirm-yes");
  await page.waitForSelector("#confirm-dialog", { state: "hidden" });
}

/* ANN owns the room; the others are members. */
async function owned(t, others, options) {
  const ann = await stage.visit(t, "", options);
  await ann.fill("#create-title", "Front room");
  await ann.click("#create");
  await ann.waitForURL(/\?room=/);
  await enter(ann, "ann");
  const address = new URL(ann.url()).search;
  const pages = {};
  for (const name of others) {
    pages[name] = await stage.visit(t, address, options);
    await enter(pages[name], name);
  }
  await sees(ann, people, ["ann", ...others], "all are there");
  return { ann, address, ...pages };
}

told("S4-5 page: the owner makes a moderator after a confirmation, and all see the role come and go", async (t) => {
  const { ann, bob, cho } = await owned(t, ["bob", "cho"]);
  await open(ann, "bob");
  assert.deepEqual(await choices(ann), ["promote", "remove", "banAWhile", "ban"]);
  await axe(ann, "the menu");
  await shot(ann, "person-menu");
  await ann.click('[data-choice="promote"]');
  assert.match(await ann.textContent("#confirm-heading"), /Make bob a moderator\?/);
  await ann.click("#confirm-cancel");
  assert.deepEqual(await tags(cho, "bob"), []);
  await does(ann, "bob", "promote");
  for (const page of [ann, cho]) await sees(page, () => tags(page, "bob"), ["moderator"], "the role");
  await sees(bob, () => tags(bob, "bob"), ["moderator", "you"], "their own");
  assert.match(await bob.textContent("#announcements"), /You are a moderator now/);
  assert.ok(await bob.isVisible("#as-alert"));
  assert.ok(await bob.isHidden("#settings"));
  await open(bob, "cho");
  assert.deepEqual(await choices(bob), ["remove", "banAWhile", "ban"]);
  await bob.keyboard.press("Escape");
  assert.equal(await person(bob, "ann").locator('[data-testid="more"]').count(), 0);
  assert.equal(await cho.locator('[data-testid="person"] [data-testid="more"]').count(), 0);
  await shot(ann, "roles");
  await does(ann, "bob", "demote");
  await sees(bob, () => tags(bob, "bob"), ["you"], "a member again");
  assert.ok(await bob.isHidden("#as-alert"));
  quiet(ann, bob, cho);
});

told("page: the menu works by keyboard, and returns the focus", async (t) => {
  const { ann } = await owned(t, ["bob"]);
  await person(ann, "bob").locator('[data-testid="more"]').focus();
  const focused = () => ann.evaluate(() => document.activeElement.dataset.choice ?? document.activeElement.dataset.testid);
  const pressed = [];
  for (const key of ["Enter", "ArrowDown", "End", "ArrowDown", "ArrowUp", "Home", "Escape"]) {
    await ann.keyboard.press(key);
    pressed.push(await focused());
  }
  assert.deepEqual(pressed, ["promote", "remove", "ban", "promote", "ban", "promote", "more"]);
  assert.ok(await ann.isHidden("#menu"));
  await ann.keyboard.press("Enter");
  await ann.click("#log");
  assert.ok(await ann.isHidden("#menu"), "a press elsewhere closes it");
  quiet(ann);
});

told("S2-13 page: a removed visitor leaves at once with one notice, is told so, and can join again", async (t) => {
  const { ann, bob } = await owned(t, ["bob"]);
  await does(ann, "bob", "remove");
  await sees(ann, people, ["ann"], "bob has gone");
  await sees(ann, notices, ["ann joined", "bob joined", "bob was removed"], "one notice");
  await bob.waitForSelector("#join-view:not([hidden])");
  assert.match(await bob.textContent("#join-error"), /removed from this room\. You can join again/);
  assert.equal(await bob.inputValue("#nickname"), "bob");
  await axe(bob, "removed");
  await shot(bob, "removed");
  await bob.click("#join");
  await connected(bob);
  await sees(ann, people, ["ann", "bob"], "bob is back");
  quiet(ann, bob);
});

told("page: a banned visitor is told so, cannot join, and can when the ban is lifted", async (t) => {
  const { ann, bob, address } = await owned(t, ["bob"]);
  await does(ann, "bob", "banAWhile");
  await bob.waitForSelector('#join-view[data-state="banned"]');
  assert.match(await bob.textContent("#join-error"), /banned from this room/);
  assert.equal(await bob.textContent("#join-title"), "Front room");
  assert.ok(await bob.isHidden("#join-form"));
  await axe(bob, "banned");
  await shot(bob, "banned");
  await ann.click("#banned");
  await ann.waitForSelector('[data-testid="ban"]');
  assert.match(await ann.locator('[data-testid="ban"]').textContent(), /bobends in 10 minutes/);
  await axe(ann, "who is banned");
  await shot(ann, "bans");
  await ann.click('[data-testid="ban"] button');
  await until(async () => /Nobody is banned/.test(await ann.textContent("#bans-state")), "lifted");
  await ann.click("#bans-close");
  await bob.goto(`${stage.server.url}/${address}`);
  await bob.waitForSelector("#join-form:not([hidden])");
  await bob.click("#join");
  await connected(bob);
  await sees(ann, people, ["ann", "bob"], "bob is back");
  quiet(ann, bob);
});

told("page: a permanent ban has no end, and holds when the visitor opens the address again", async (t) => {
  const { ann, bob, address } = await owned(t, ["bob"]);
  await does(ann, "bob", "ban");
  await bob.waitForSelector('#join-view[data-state="banned"]');
  await bob.goto(`${stage.server.url}/${address}`);
  await bob.waitForSelector("#join-form:not([hidden])");
  await bob.click("#join");
  await bob.waitForSelector('#join-view[data-state="banned"]');
  await ann.click("#banned");
  await ann.waitForSelector('[data-testid="ban"]');
  assert.match(await ann.locator('[data-testid="ban"]').textContent(), /bobpermanently/);
  quiet(ann, bob);
});

told("page: a former moderator's action is refused in the dialog that asked for it", async (t) => {
  const { ann, bob, cho } = await owned(t, ["bob", "cho"]);
  await does(ann, "bob", "promote");
  await bob.waitForSelector('#chat-view[data-role="moderator"]');
  await open(bob, "cho");
  await bob.click('[data-choice="remove"]');
  await does(ann, "bob", "demote");
  await bob.waitForSelector('#chat-view[data-role="member"]');
  await bob.click("#confirm-yes");
  await until(async () => /not allowed to do that/.test(await bob.textContent("#confirm-error")), "it is told");
  await bob.click("#confirm-cancel");
  await sees(ann, people, ["ann", "bob", "cho"], "cho stays");
  quiet(ann, bob, cho);
});

told("page: a message that is too old to delete says so, and stays", async (t) => {
  const { ann, bob } = await owned(t, ["bob"]);
  await say(bob, "long ago");
  await sees(ann, contents, ["long ago"], "said");
  const item = bob.locator('[data-testid="message"]');
  await item.hover();
  await item.locator('[data-testid="more"]').click();
  await bob.click('[data-choice="delete"]');
  await bob.click("#confirm-yes");
  await until(async () => /too late/.test(await bob.textContent("#confirm-error")), "it is told");
  await bob.keyboard.press("Escape");
  assert.deepEqual(await contents(bob), ["long ago"]);
  quiet(ann, bob);
});

told("page: on a narrow dark screen in Korean everything fits, and axe finds nothing", async (t) => {
  const narrow = {
    viewport: { width: 320, height: 640 }, locale: "ko-KR", colorScheme: "dark", hasTouch: true, isMobile: true,
  };
  const { ann, bob } = await owned(t, ["bob"], narrow);
  const fits = async (where) => {
    const over = await ann.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(over, 0, where);
    await axe(ann, where);
    await shot(ann, `narrow-${where}`);
  };
  await say(bob, "안녕하세요");
  await say(bob, "일요일 아침 아홉 시에 운동장에서 만나 함께 축구를 하려고 합니다. 물과 수건을 챙겨 오세요.");
  await say(ann, "반갑습니다");
  await ann.click("#as-alert");
  await say(ann, "열 시에 닫습니다");
  await until(async () => (await ann.locator(".alert-head").count()) === 1, "announced");
  await fits("room");
  await ann.locator('[data-testid="message"].mine [data-testid="more"]').click();
  await ann.click('[data-choice="edit"]');
  await fits("edit");
  await ann.keyboard.press("Escape");
  await ann.click("#people-toggle");
  await person(ann, "bob").locator('[data-testid="more"]').click();
  await fits("menu");
  await ann.click('[data-choice="ban"]');
  assert.equal(await ann.textContent("#confirm-heading"), "bob을 계속 차단할까요?");
  await fits("confirm");
  await ann.click("#confirm-cancel");
  await ann.click("#settings");
  await fits("settings");
  quiet(ann, bob);
});

told("page: on a phone the list of bans can be read", async (t) => {
  const phone = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true };
  const { ann, bartholomew } = await owned(t, ["bartholomew"], phone);
  await ann.click("#people-toggle");
  await does(ann, "bartholomew", "banAWhile");
  await ann.click("#banned");
  const name = ann.locator('[data-testid="ban"] .name');
  assert.ok(await name.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth), "all of it");
  await shot(ann, "phone-bans");
  quiet(ann, bartholomew);
});
