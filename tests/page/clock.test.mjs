/* The wall clock is set while the page is open: no wait of the page moves. */
import assert from "node:assert/strict";
import { Person } from "../e2e/lib/client.mjs";
import { Server } from "../e2e/lib/server.mjs";
import { DAY_MS, HOUR_MS } from "../e2e/lib/wallclock.mjs";
import { connected, contents, front, hide, onStage, quiet, say, sees, told, until } from "./lib.mjs";

const stage = onStage();

const SETTINGS = [HOUR_MS, -HOUR_MS, -DAY_MS, DAY_MS];
const STREAMS = 4;

const transport = (page) => page.getAttribute("#state", "data-transport");
const isStream = (url) => /events\?.*as=sse/.test(url);

/* Sets the wall clock of PAGE to MS from the true time. */
function setClock(page, ms) {
  return page.evaluate((off) => {
    globalThis.TrueDate ??= Date;
    const { TrueDate } = globalThis;
    globalThis.Date = class extends TrueDate {
      constructor(...given) {
        if (given.length > 0) super(...given);
        else super(TrueDate.now() + off);
      }

      static now() {
        return TrueDate.now() + off;
      }
    };
  }, ms);
}

/* PAGE looks at once whether its waits are over. */
const look = (page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

/* The values that ATTRIBUTE or the text of the element with ID takes from now on. */
async function changes(page, id, attribute) {
  const seen = await page.evaluateHandle(([name, attributeName]) => {
    const kept = [];
    const shown = document.getElementById(name);
    const keep = () => kept.push(attributeName ? shown.getAttribute(attributeName) : shown.textContent);
    new MutationObserver(keep).observe(shown, { attributes: true, childList: true, characterData: true, subtree: true });
    return kept;
  }, [id, attribute]);
  return () => seen.jsonValue();
}

told("A4 page: a conversation continues over one stream however the clock is set", async (t) => {
  const server = new Server({ settings: { hb_ms: 60_000, retry_ms: 100 } });
  await server.start();
  t.after(() => server.end());
  const owner = new Person(server);
  const room = await owner.create({ grace_ms: 30_000 });
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.member(t, room, "ann", { url: server.url });
  const asked = [];
  ann.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const states = await changes(ann, "state", "data-state");
  const texts = [];
  for (const ms of SETTINGS) {
    await setClock(ann, ms);
    await look(ann);
    texts.push(`heard at ${ms}`);
    await owner.say(room, texts.at(-1));
    await sees(ann, contents, texts, "heard");
    texts.push(`said at ${ms}`);
    await say(ann, texts.at(-1));
    await sees(ann, contents, texts, "said");
  }
  await until(() => asked.filter((path) => path.endsWith("/messages")).length === SETTINGS.length, "all was sent");
  assert.deepEqual(asked.filter((path) => /events|tickets/.test(path)), [], "nothing connects again");
  assert.deepEqual((await states()).filter((state) => state !== "open"), []);
  quiet(ann);
});

for (const ms of SETTINGS)
  told(`A4 page: a stream that is swallowed is noticed after the clock was set by ${ms / HOUR_MS} h`, async (t) => {
    const place = await front(t, stage);
    const { room, owner } = await stage.room({ grace_ms: 30_000 });
    await owner.join(room, { nickname: "owner" });
    const ann = await stage.member(t, room, "ann", { url: place.url });
    await setClock(ann, ms);
    await look(ann);
    stage.server.freeze();
    try {
      await ann.waitForSelector('#state:not([data-state="open"])', { state: "attached" });
    } finally {
      stage.server.thaw();
    }
    await connected(ann);
    await owner.say(room, "heard");
    await sees(ann, contents, ["heard"], "it goes on");
    quiet(ann);
  });

for (const ms of SETTINGS)
  told(`A4 page: slow mode counts down as before after the clock was set by ${ms / HOUR_MS} h`, async (t) => {
    const { bob } = await stage.pair(t, { slow_ms: 60_000 });
    await say(bob, "slowly");
    await until(async () => /write again in/.test(await bob.textContent("#slow")), "bob waits");
    const texts = await changes(bob, "slow");
    await setClock(bob, ms);
    const seconds = (text) => (/again in 1 minute/.test(text) ? 60 : Number(/again in (\d+) seconds/.exec(text)?.[1]));
    const lefts = async () => [...new Set(await texts())].map(seconds);
    await until(async () => (await lefts()).length >= 3, "it counts down");
    const left = await lefts();
    for (const [i, n] of left.entries()) assert.ok(n > 0 && n < (i > 0 ? left[i - 1] : 61), `${left} seconds`);
    quiet(bob);
  });

told("A4 page: a page that polls tries a stream again though the clock was set back", async (t) => {
  const place = await front(t, stage);
  const { room } = await stage.room({ grace_ms: 30_000 });
  place.answer = ({ url }, response) => /chat\/events\?/.test(url) && (response.writeHead(502).end(), true);
  const ann = await stage.member(t, room, "ann", { url: place.url });
  await until(async () => (await transport(ann)) === "poll", "it polls");
  await setClock(ann, -DAY_MS);
  let streams = 0;
  place.answer = ({ url }) => ((streams += isStream(url) ? 1 : 0), false);
  await ann.evaluate((ms) => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + ms;
  }, HOUR_MS);
  await until(async () => streams > 0 && (await transport(ann)) === "sse", "it streams");
  quiet(ann);
});

told("A4 page: the tab hidden for longest gives way though the clock was set back meanwhile", async (t) => {
  const { room } = await stage.room({ grace_ms: 30_000 });
  const context = await stage.visitor(t);
  const all = [];
  for (let i = 0; i <= STREAMS; i++) all.push(await stage.member(t, room, `tab ${i}`, { context }));
  const [, longest, shorter] = all;
  const last = all.at(-1);
  await until(async () => (await transport(last)) === "poll", "the last polls");
  await hide(last, true);
  await hide(longest, true);
  for (const tab of all) await setClock(tab, -HOUR_MS);
  await hide(shorter, true);
  await hide(last, false);
  await until(async () => (await transport(last)) === "sse", "the tab that is seen streams");
  await until(async () => (await transport(longest)) === "poll", "the one hidden for longest polls");
  assert.equal(await transport(shorter), "sse");
  quiet(...all);
});
