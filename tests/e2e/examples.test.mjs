// parts: e2e
/* The examples for shells, Python and PHP, against the real programs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { onServer } from "./lib/scene.mjs";
import { Program, TOP, environment } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const told = onServer({ settings: { hb_ms: 300, retry_ms: 50 } });
const EXAMPLES = join(TOP, "docs/examples");
const NAME = "Nightly – run";

function run(file, args, key) {
  return new Program(file, args, { env: { ...environment(), PARLOR_KEY: key, PYTHONDONTWRITEBYTECODE: "1" } });
}

const python = (args, key) => run("/usr/bin/python3", [join(EXAMPLES, "parlor.py"), ...args], key);
const php = (args, key) => run("/usr/bin/php", [join(EXAMPLES, "parlor.php"), ...args], key);

function shell(name, args, key, text = "") {
  const program = run("/bin/sh", [join(EXAMPLES, name), ...args], key);
  program.child.stdin.end(text);
  return program;
}

const SENDERS = {
  Shell: (base, room, text, key) => shell("send.sh", [`${base}${room}`, NAME], key, `${text}\n`),
  Python: (base, room, text, key) => python(["send", base, room, text, NAME], key),
  PHP: (base, room, text, key) => php([base, room, text, NAME], key),
};

for (const [language, sender] of Object.entries(SENDERS))
  told(`S6-1 the example in ${language} sends a text with a title`, async (s) => {
    const { room, watcher } = await s.watched();
    const text = `"done" in ${language}: é 한국 & 100 % #1`;
    await sender(`${s.server.url}/`, room, text, await s.server.key("alerts")).done(0);
    const { type, content, title } = (await watcher.history(room)).at(-1);
    assert.deepEqual([type, content, title], ["alert", text, NAME]);
  });

for (const [language, sender] of Object.entries(SENDERS))
  told(`S6-3 the example in ${language} fails where the key may not send`, async (s) => {
    const { room, watcher } = await s.watched();
    const before = await watcher.history(room);
    const { code } = await sender(`${s.server.url}/`, room, "t", await s.server.key("notifications")).exited;
    assert.notEqual(code, 0);
    assert.deepEqual(await watcher.history(room), before);
  });

const FOLLOWERS = {
  Shell: (base, room, key) => shell("follow.sh", [`${base}${room}`], key),
  Python: (base, room, key) => python(["follow", base, room], key),
};

for (const [language, follower] of Object.entries(FOLLOWERS))
  told(`S6-8 the example in ${language} prints what is said`, async (s) => {
    const { owner, room } = await s.room();
    await owner.join(room);
    const program = follower(`${s.server.url}/`, room, await s.server.key("rooms"));
    const lines = () => String(program.stdout).split("\n").filter(Boolean);
    await until(async () => {
      await owner.say(room, "knock");
      return lines().includes("knock");
    }, "it hears");
    for (const text of ["one", "two"]) await owner.say(room, text);
    await until(() => lines().at(-1) === "two", "it prints each");
    assert.equal(lines().at(-2), "one");
    await owner.ask("DELETE", `/rooms/${room}`);
    await until(() => program.ended, "it ends with the room");
  });
