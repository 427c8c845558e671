/* Hostile texts cost their readers no more than other texts do. */
import assert from "node:assert/strict";
import { contents, onStage, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

const LONG = 4_000;
const LINKS_MAX = 100;

const BOMBS = {
  brackets: `http://a/${")".repeat(LONG - 10)}`,
  marks: `a${"\u0301".repeat(LONG - 1)}`,
  stacks: "Z\u0322\u0327\u031b\u0335\u0489\u0310\u0352".repeat(LONG / 8),
  word: "W".repeat(LONG),
  wide: "﷽".repeat(LONG),
  links: "http://a.b ".repeat(LONG / 11),
  spaces: `a${" ".repeat(LONG - 2)}b`,
  joined: "👩‍".repeat(LONG / 2 / 2 * 1.3),
  turned: `${"\u202e\u2067".repeat(LONG / 2 - 1)}ab`,
};

told("C1 S3-1 page: hostile texts are shown in their own place, to the letter", async (t) => {
  const { owner, room } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const texts = Object.values(BOMBS);
  const ann = await stage.member(t, room, "ann");
  for (let i = 0; i < 48; i++) await owner.say(room, texts[i % texts.length]);
  const shown = Array.from({ length: 48 }, (_, i) => texts[i % texts.length]);
  await sees(ann, contents, shown, "all of them");
  await say(ann, "still here");
  await until(async () => (await contents(ann)).at(-1) === "still here", "one can write");
  const boxes = await ann.$$eval(".message .text", (all) => all.map((one) => {
    const line = one.closest(".messages").getBoundingClientRect();
    const { left, right } = one.getBoundingClientRect();
    return { within: left >= line.left && right <= line.right + 1, overflow: getComputedStyle(one).overflow };
  }));
  for (const { within, overflow } of boxes) assert.deepEqual([within, overflow], [true, "hidden"], "nothing is drawn over others");
  const wide = await ann.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, "and the page is no wider");
  const most = await ann.$$eval(".message .text", (all) => Math.max(...all.map((one) => one.querySelectorAll("*").length)));
  assert.equal(most, LINKS_MAX, "of very many links the first are links");
  await shot(ann, "bombs");
  quiet(ann);
});

told("C1 page: hostile names and titles stay in their place too", async (t) => {
  const { room } = await stage.room({ title: "W".repeat(100) });
  const ann = await stage.member(t, room, "W".repeat(32));
  await stage.member(t, room, "﷽".repeat(20));
  await until(async () => (await ann.locator('[data-testid="person"]').count()) === 2, "both are there");
  const out = await ann.evaluate(() => [...document.querySelectorAll(".name, #room-title, .notice .text")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth || one.scrollHeight > 200).length);
  assert.equal(out, 0);
  assert.ok(await ann.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await shot(ann, "bombs-names");
  quiet(ann);
});
