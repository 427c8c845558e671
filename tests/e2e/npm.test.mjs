// parts: e2e
/* The npm package of the client library, in a folder of its own. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sentence } from "./lib/scene.mjs";
import { TOP } from "./lib/server.mjs";

const TSC = join(TOP, "tests/node_modules/.bin/tsc");
const [, VERSION] = /PARLOR_VERSION "(.+)"/.exec(readFileSync(join(TOP, "db/base/version.h"), "utf8"));

const CONSUMER = `import { Parlor, ParlorError, type Stream } from "parlor-client";
import type { Message } from "parlor-client/types.js";

export async function main(base: string): Promise<Stream> {
  const parlor = new Parlor({ base });
  const { cursor, messages } = await parlor.join("lobby", { nickname: "kim" });
  const first: Message | undefined = messages[0];
  const title: string | undefined = first?.title;
  const error = new ParlorError({ code: title ?? "none" });
  if (error.passing) await parlor.send("lobby", "hello", { type: "alert" });
  return parlor.stream(["lobby"], { cursor });
}
`;

const PROGRAM = `import { Parlor } from "parlor-client";
const parlor = new Parlor({ base: process.argv[2] });
const { room } = await parlor.createRoom({ title: "Npm" });
const { cursor } = await parlor.join(room.id, { nickname: "kim" });
const stream = parlor.stream([room.id], { cursor });
stream.on("message", ({ message }) => {
  console.log(message.content);
  stream.close();
});
stream.open();
await parlor.send(room.id, "hello");
`;

function withFolder(act) {
  const dir = mkdtempSync(join(tmpdir(), "parlor-npm-"));
  try {
    return act(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function pack(dir) {
  execFileSync(process.execPath, ["docs/npm/pack.mjs", dir, VERSION], { cwd: TOP, stdio: "pipe" });
  const [name, ...more] = readdirSync(dir);
  assert.deepEqual([name, more], [`parlor-client-${VERSION}.tgz`, []]);
  return join(dir, name);
}

function install(dir, tarball) {
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", tarball], { cwd: dir, stdio: "pipe" });
}

/* What the compiler says about SOURCE. */
function check(dir, source) {
  writeFileSync(join(dir, "consumer.ts"), source);
  const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2023,dom,dom.iterable", "--module", "nodenext"];
  const { status, stdout } = spawnSync(TSC, [...options, "consumer.ts"], { cwd: dir, encoding: "utf8" });
  return status === 0 ? "" : stdout;
}

sentence("S1-11 the npm package is installed into an empty folder, and connects in Node with types", async (s) => {
  const server = await s.serve();
  const out = await new Promise((done, failed) => {
    withFolder((packed) => withFolder((dir) => {
      const tarball = pack(packed);
      const bytes = readFileSync(tarball);
      rmSync(tarball);
      assert.deepEqual(readFileSync(pack(packed)), bytes, "the same bytes again");
      install(dir, tarball);
      assert.equal(check(dir, CONSUMER), "");
      assert.match(check(dir, CONSUMER.replace("title: string |", "title: number |")), /TS2322/);
      writeFileSync(join(dir, "program.mjs"), PROGRAM);
      const { status, stdout, stderr } = spawnSync(process.execPath, ["program.mjs", `${server.url}/`], { cwd: dir, encoding: "utf8" });
      if (status === 0) done(stdout);
      else failed(new Error(stderr));
    }));
  });
  assert.equal(out, "hello\n");
});
