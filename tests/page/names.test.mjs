/* Names of all kinds, as the page shows them. */
import assert from "node:assert/strict";
import { connected, onStage, people, quiet, sees, told, until } from "./lib.mjs";

const stage = onStage();

const initials = (page) => page.locator('[data-testid="person"] .avatar').evaluateAll((all) => all.map(({ dataset }) => dataset.initial));

const NAMES = ["🇰🇷 flag", "👩‍💻 at work", "1️⃣ key", "e\u0301mile", "क्षेम", "محمد", "(kim)"];

told("B1 page: an avatar shows the whole first character of a name", async (t) => {
  const { room } = await stage.room({ capacity: 20 });
  const page = await stage.member(t, room, NAMES[0]);
  for (const nickname of NAMES.slice(1)) await stage.member(t, room, nickname);
  await until(async () => (await people(page)).length === NAMES.length, "all are there");
  const shown = Object.fromEntries((await people(page)).map((name, i) => [name, i]));
  const signs = await initials(page);
  for (const [name, sign] of [["🇰🇷 flag", "🇰🇷"], ["👩‍💻 at work", "👩‍💻"], ["1️⃣ key", "1️⃣"], ["émile", "É"], ["محمد", "م"], ["(kim)", "("]])
    assert.equal(signs[shown[name]], sign, name);
  quiet(page);
});

told("B1 page: a browser without Intl.Segmenter shows the first code point", async (t) => {
  const { room } = await stage.room();
  const context = await stage.visitor(t);
  await context.addInitScript(() => delete Intl.Segmenter);
  const page = await stage.member(t, room, "émile", { context });
  assert.deepEqual(await initials(page), ["É"]);
  quiet(page);
});

told("S4-7 page: a moderator with a reserved name who is invited privately is asked for another name", async (t) => {
  const { room, owner } = await stage.room();
  await owner.join(room, { nickname: "owner" });
  const mod = await stage.member(t, room, "ann");
  const id = await mod.getAttribute('[data-testid="person"][data-role="member"]', "data-id");
  await owner.ask("PATCH", `/rooms/${room}/chatters/${id}`, { role: "moderator" });
  await mod.waitForSelector('[data-testid="person"][data-role="moderator"]');
  await mod.click("#rename");
  await mod.fill("#rename-nickname", "Moderator");
  await mod.click("#rename-save");
  await sees(mod, people, ["owner", "Moderator"], "renamed");
  const bob = await stage.member(t, room, "bob");
  await bob.click('[data-testid="person"]:has-text("Moderator") .private');
  await until(() => !bob.url().includes(room), "another room");
  await connected(bob);
  const other = new URL(bob.url()).searchParams.get("room");
  await mod.goto(`${stage.server.url}/?room=${other}`);
  await until(async () => (await mod.inputValue("#nickname")) === "Moderator", "the door knows the name");
  await mod.click("#join");
  await until(async () => (await mod.textContent("#join-error")) !== "", "it is refused");
  assert.match(await mod.textContent("#join-error"), /reserved for the people who run/);
  assert.equal(await mod.getAttribute("#nickname", "aria-invalid"), "true");
  await mod.fill("#nickname", "Ann");
  await mod.click("#join");
  await connected(mod);
  await sees(bob, people, ["bob", "Ann"], "both are there");
  quiet(mod, bob);
});
