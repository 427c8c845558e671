// parts: e2e
/* The completion for bash offers what the program has. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sentence, withStoppedServer } from "./lib/scene.mjs";
import { TOP } from "./lib/server.mjs";

const SCRIPT = `source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(unset)
_parlor
printf '%s\\n' "\${COMPREPLY[@]}"`;

/* What bash offers behind WORDS, of which the last is being written. */
function offered(server, ...words) {
  const args = ["--norc", "-c", SCRIPT, "bash", join(TOP, "docs/completion/parlor.bash"), join(server.build, "parlor"), ...words];
  return execFileSync("bash", args, { encoding: "utf8", env: server.env() }).split("\n").filter(Boolean);
}

const COMMANDS = [...readFileSync(join(TOP, "db/admin/commands.def"), "utf8").matchAll(/^COMMAND\("([^"]+)",\s*"([^"]*)"/gm)]
  .map(([, name, usage]) => ({ words: name.split(" "), options: usage.match(/--[a-z-]+/g) ?? [] }));

const stopped = (name, fn) => sentence(name, () => withStoppedServer({}, fn), { needs: "embedded" });

stopped("bash completes every command and every option of it", (server) => {
  assert.ok(COMMANDS.length > 20);
  assert.deepEqual(offered(server, ""), [...new Set(COMMANDS.map(({ words }) => words[0]))].sort());
  for (const { words, options } of COMMANDS) {
    if (words.length > 1) assert.ok(offered(server, words[0], words[1].slice(0, 2)).includes(words[1]), `${words}`);
    if (words[0] !== "help") assert.deepEqual(offered(server, ...words, "--"), ["--help", ...options].sort(), `${words}`);
  }
  assert.deepEqual(offered(server, "ba"), ["backup", "ban"]);
  assert.deepEqual(offered(server, "help", "ro"), ["room"]);
  assert.deepEqual(offered(server, "help", "room", "ow"), ["owner"]);
  assert.deepEqual(offered(server, "--da"), ["--data"]);
  assert.deepEqual(offered(server, "frob", ""), []);
});

stopped("bash completes values: rooms of the store that is named, scopes, and words of an option", async (server) => {
  const other = join(server.dir, "other");
  await server.program("parlor", ["--data", other, "migrate"]).done();
  await server.program("parlor", ["room", "create", "lobby"]).done();
  await server.program("parlor", ["--data", other, "room", "create", "hidden", "--unlisted"]).done();
  assert.deepEqual(offered(server, "room", "show", ""), ["lobby"]);
  assert.deepEqual(offered(server, "room", "show", "x"), []);
  assert.deepEqual(offered(server, "--data", other, "tail", ""), ["hidden"]);
  assert.deepEqual(offered(server, "--data", "=", other, "ban", "add", "h"), ["hidden"]);
  assert.deepEqual(offered(server, "key", "add", "shop", ""), ["alerts", "notifications", "rooms"]);
  assert.deepEqual(offered(server, "key", "add", "shop", "rooms", "al"), ["alerts"]);
  assert.deepEqual(offered(server, "room", "create", "den", "--notices", "q"), ["quiet"]);
  assert.deepEqual(offered(server, "room", "create", "den", "--notices", "=", "o"), ["off"]);
  assert.deepEqual(offered(server, "restore", ""), [], "names of files are bash's work");
});
