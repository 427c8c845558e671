/* A page that is open over midnight. */
import assert from "node:assert/strict";
import { contents, onStage, quiet, sees, told, until } from "./lib.mjs";

const stage = onStage();

const days = (page) => page.locator(".day:visible").allTextContents();

/* A page in ZONE whose clock shows NOW, in a room with a message of the time SAID. */
async function pageAt(t, zone, now, said) {
  const { room, owner } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  await owner.say(room, "before midnight");
  const context = await stage.visitor(t, { timezoneId: zone });
  await context.route("**/chatters", async (route) => {
    const response = await route.fetch();
    const picture = await response.json();
    for (const message of picture.messages) message.created_at = said;
    await route.fulfill({ response, json: picture });
  });
  const page = await stage.visit(t, "", { context });
  await page.clock.install({ time: new Date(now) });
  await page.goto(`${stage.server.url}/?room=${room}`);
  await page.click("#join");
  await sees(page, contents, ["before midnight"], "the message");
  return page;
}

/* Seoul: no summer time.  Havana: its clocks go from midnight to one.  Lisbon: 25 hours.  Lord Howe: by half an hour. */
const MIDNIGHTS = [
  ["Asia/Seoul", "2026-11-20T14:59:30Z", "2026-11-20T03:00:00.000Z"],
  ["America/Havana", "2026-03-08T04:59:30Z", "2026-03-07T17:00:00.000Z"],
  ["Europe/Lisbon", "2026-10-25T23:59:30Z", "2026-10-25T00:30:00.000Z"],
  ["Australia/Lord_Howe", "2026-10-04T12:59:30Z", "2026-10-03T14:00:00.000Z"],
];

for (const [zone, now, said] of MIDNIGHTS)
  told(`C7 page: in ${zone} today becomes yesterday at midnight, without anybody touching the page`, async (t) => {
    const page = await pageAt(t, zone, now, said);
    assert.ok((await days(page)).includes("Today"), String(await days(page)));
    await page.clock.runFor(100_000);
    await until(async () => (await days(page)).includes("Yesterday"), "it is another day");
    assert.ok(!(await days(page)).includes("Today"));
    quiet(page);
  });
