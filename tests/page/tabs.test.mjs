/* Many tabs of one browser, which has six connections to a server. */
import assert from "node:assert/strict";
import { connected, contents, hide, onStage, people, quiet, say, sees, shot, told, until } from "./lib.mjs";

const POLL_MARGIN_MS = 4_000;

const stage = onStage({ poll_margin_ms: POLL_MARGIN_MS });

const TABS = 7;
const STREAMS = 4;

const transport = (tab) => tab.getAttribute("#state", "data-transport");
const streams = async (tabs) => (await Promise.all(tabs.map(transport))).filter((one) => one !== "poll").length;
const calm = (tab) => tab.$eval("#trouble", ({ hidden }) => hidden);

/* A busy tab may answer late; then the newer tab steps back. */
const polls = (tab) => until(async () => (await transport(tab)) === "poll", "it polls");
const settled = (all) => until(async () => (await streams(all)) === STREAMS, `${STREAMS} stream`);

/* N tabs of one browser in one room, one after another. */
async function tabs(t, room, n) {
  const context = await stage.visitor(t);
  const all = [];
  for (let i = 0; i < n; i++) all.push(await stage.member(t, room, `tab ${i}`, { context }));
  return all;
}

async function allHear(all, from, texts) {
  await say(from, texts.at(-1));
  for (const tab of all) await sees(tab, contents, texts, `${texts.at(-1)} is heard`);
}

told("page: seven tabs of one browser all load, hear one another and can send", async (t) => {
  const { room } = await stage.room({ grace_ms: 30_000 });
  const all = await tabs(t, room, TABS);
  await settled(all);
  for (const tab of all) {
    assert.equal(await tab.textContent("#state"), "Connected");
    assert.ok(await calm(tab), "nothing is wrong");
  }
  assert.match(await all.at(-1).getAttribute("#state", "title"), /Other tabs/);
  assert.equal(await all[0].getAttribute("#state", "title"), "");
  await allHear(all, all[0], ["from the first"]);
  await allHear(all, all.at(-1), ["from the first", "from the last"]);
  await shot(all.at(-1), "seventh-tab");
  for (const tab of all) await sees(tab, async (page) => (await people(page)).length, TABS, "all are there");
  quiet(...all);
});

told("page: tabs that are loaded at once agree on who streams", async (t) => {
  const { room } = await stage.room({ grace_ms: 30_000 });
  const context = await stage.visitor(t);
  const all = await Promise.all(Array.from({ length: TABS }, (_, i) => stage.member(t, room, `tab ${i}`, { context })));
  await settled(all);
  await allHear(all, all[0], ["all at once"]);
  quiet(...all);
});

told("page: when tabs that stream are closed, others stream in their place and lose nothing", async (t) => {
  const { room } = await stage.room({ grace_ms: 300 });
  const all = await tabs(t, room, TABS);
  await allHear(all, all[0], ["before"]);
  const [first, second, ...rest] = all;
  for (const tab of [first, second]) await tab.close();
  await until(async () => (await streams(rest)) === STREAMS, "the slots are taken");
  for (const tab of rest) await connected(tab);
  await allHear(rest, rest.at(-1), ["before", "after"]);
  for (const tab of rest) assert.ok(await calm(tab), "nothing is wrong");
  quiet(...rest);
});

/* The messages that TAB gets from now on about tabs that close. */
async function closings(tab) {
  const heard = await tab.evaluateHandle(() => {
    const from = [];
    const channel = new BroadcastChannel(`parlor ${location.origin}`);
    channel.onmessage = ({ data }) => {
      if (data.kind === "closed" && data.to === undefined) from.push(data.from);
    };
    return from;
  });
  return () => heard.jsonValue();
}

told("page: a tab that streams tells the others when it goes", async (t) => {
  const { room } = await stage.room({ grace_ms: 300 });
  const [one, two, other] = await tabs(t, room, 3);
  await until(async () => (await streams([one, two, other])) === 3, "all stream");
  const heard = await closings(other);
  for (const [n, tab] of [one, two].entries()) {
    await tab.goto("about:blank");
    await until(async () => (await heard()).length === n + 1, "it is heard once");
  }
  quiet(other);
});

told("page: a visible tab streams, and the tab hidden longest gives way silently", async (t) => {
  const { room } = await stage.room({ grace_ms: 300 });
  const all = await tabs(t, room, STREAMS + 1);
  const [other, longest, shorter] = all;
  const last = all.at(-1);
  await polls(last);
  await hide(last, true);
  await hide(longest, true);
  await hide(shorter, true);
  const states = await longest.evaluateHandle(() => {
    const seen = [];
    const shown = document.getElementById("state");
    new MutationObserver(() => seen.push(shown.dataset.state)).observe(shown, { attributeFilter: ["data-state"] });
    return seen;
  });
  await hide(last, false);
  await until(async () => (await transport(last)) === "sse", "the tab that is seen streams");
  await until(async () => (await transport(longest)) === "poll", "the hidden one polls");
  assert.equal(await transport(shorter), "sse");
  await allHear(all, other, ["still here"]);
  assert.deepEqual((await states.jsonValue()).filter((state) => state !== "open"), []);
  assert.equal(await last.locator(".notice", { hasText: "left" }).count(), 0, "and nobody has left");
  quiet(...all);
});

told("page: a hidden tab takes a free slot, but no other tab's", async (t) => {
  const { room } = await stage.room({ grace_ms: 300 });
  const all = await tabs(t, room, STREAMS);
  for (const tab of all) await hide(tab, true);
  const context = all[0].context();
  await context.addInitScript(() => Object.defineProperty(document, "hidden", { value: true, configurable: true }));
  const late = await stage.member(t, room, "late", { context });
  await polls(late);
  assert.equal(await streams(all), STREAMS);
  await all[0].close();
  await until(async () => (await transport(late)) === "sse", "a slot is free");
  quiet(late);
});

told("page: a tab that got the others' answers too late steps back", async (t) => {
  const { room } = await stage.room({ grace_ms: 30_000 });
  const all = await tabs(t, room, STREAMS);
  for (const tab of all)
    await tab.evaluate(() => {
      const { postMessage } = BroadcastChannel.prototype;
      BroadcastChannel.prototype.postMessage = function (...words) {
        setTimeout(() => postMessage.apply(this, words), 1_500);
      };
    });
  const late = await stage.member(t, room, "late", { context: all[0].context() });
  await polls(late);
  assert.equal(await streams(all), STREAMS);
  await allHear([...all, late], late, ["from the one that stepped back"]);
  quiet(...all, late);
});

/* Stops the timers, as a browser does in a tab that has long been hidden. */
const sleepTimers = (tab) =>
  tab.evaluate(() => {
    globalThis.setTimeout = () => 0;
    globalThis.setInterval = () => 0;
  });

told("page: a tab that has long been hidden still polls, is present, and keeps no slot from others", async (t) => {
  const { room } = await stage.room({ grace_ms: 300 });
  const all = await tabs(t, room, STREAMS + 1);
  const sleeper = all.at(-1);
  await hide(sleeper, true);
  await sleepTimers(sleeper);
  let polls = 0;
  sleeper.on("request", (request) => (polls += request.url().includes("/events?") ? 1 : 0));
  await until(() => polls * 1000 > 2 * POLL_MARGIN_MS, "it polls for longer than its lease");
  await allHear(all, sleeper, ["not asleep"]);
  assert.equal(await all[0].locator(".notice", { hasText: "left" }).count(), 0, "it has never left");
  const awake = all.slice(0, -1);
  await awake.shift().close();
  awake.push(await stage.member(t, room, "new", { context: sleeper.context() }));
  await until(async () => (await streams(awake)) === STREAMS, "all that are awake stream");
  quiet(...awake, sleeper);
});

told("page: a browser without channels between tabs streams as usual", async (t) => {
  const { room } = await stage.room();
  const context = await stage.visitor(t);
  await context.addInitScript(() => delete globalThis.BroadcastChannel);
  const ann = await stage.member(t, room, "ann", { context });
  assert.equal(await transport(ann), "sse");
  await allHear([ann], ann, ["alone"]);
  quiet(ann);
});
