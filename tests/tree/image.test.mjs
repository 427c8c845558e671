/* docs/image: what its files name is there, and they agree with each other and with the programs. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { compose, mountsOf } from "../harness/compose.mjs";
import { configuration, listed, packages, stages } from "../harness/dockerfile.mjs";
import { TOP, text } from "./lib/tree.mjs";

const ALL = stages(text("docs/image/Dockerfile"));
const IMAGE = configuration(ALL.at(-1));
const settings = new Set([...text("db/base/settings.def").matchAll(/^SETTING_\w+\((\w+),/gm)].map(([, name]) => `PARLOR_${name.toUpperCase()}`));

test("tree: the reader of the Dockerfile joins lines, reads exec forms, and refuses what it does not know", () => {
  const [one, two] = stages('# x\nFROM a AS b\nRUN c \\\n\t&& apt-get install -y d e \\\n\t&& f\nFROM a\nCOPY --from=b /g h/\nENTRYPOINT ["i", "j"]\n');
  assert.deepEqual([one.base, one.name, two.base, two.name], ["a", "b", "a", undefined]);
  assert.equal(one.steps[0].rest, "c && apt-get install -y d e && f");
  assert.deepEqual(packages(one), ["d", "e"]);
  assert.deepEqual(two.steps.map(({ flags, words }) => ({ flags, words })), [{ flags: { from: "b" }, words: ["/g", "h/"] }, { flags: {}, words: ["i", "j"] }]);
  assert.throws(() => stages("FROM a\nADD b c\n"), /cannot read: ADD b c/);
  assert.throws(() => listed("*\nb\n"), /not of the form/);
});

test("tree: the image is made of files that there are, and its .dockerignore lets in these alone", () => {
  const copies = ALL.flatMap(({ steps }) => steps).filter(({ name, flags }) => name === "COPY" && !flags.from);
  const sources = copies.flatMap(({ words }) => words.slice(0, -1));
  assert.ok(sources.length > 8);
  assert.deepEqual(sources.filter((path) => !existsSync(join(TOP, path))), []);
  assert.deepEqual(listed(text("docs/image/Dockerfile.dockerignore")).sort(), sources.sort());
});

test("tree: the image is built by the packages of the portable build, and has the libraries that it loads", () => {
  const [build, last] = ALL;
  assert.equal(build.base, last.base);
  assert.deepEqual(packages(build), ["make"]);
  assert.ok(build.steps.some(({ rest }) => rest.endsWith("&& .ci/packages build portable")));
  const makefile = text("Makefile");
  assert.match(makefile, /^parts := build \$\(if \$\(PORTABLE\),portable\)/m);
  const [, portable] = /^ifneq \(\$\(PORTABLE\),\)\nLINK.*-Bstatic\n(.*?)^endif/ms.exec(makefile);
  const loaded = [...portable.matchAll(/^LIBS_POLLER \+= -l(\w+)$/gm)].map(([, name]) => `lib${name}`);
  const named = packages(last).map((name) => /^(\D+)(\d+)$/.exec(name));
  assert.deepEqual(named.map(([, name]) => name), [...loaded, "libjwt-gnutls"]);
  const [, library, version] = named.at(-1);
  assert.ok(text("db/chat/jwts.c").includes(`"${library}.so.${version}"`), "libjwt is looked for by that name");
});

test("tree: the image runs without root, keeps the data in its volume, and names commands and settings that there are", () => {
  assert.ok(IMAGE.uid > 0 && IMAGE.gid > 0);
  const env = new Map(IMAGE.env.map((pair) => pair.split("=")));
  assert.deepEqual([...env.keys()].filter((name) => !settings.has(name)), []);
  assert.deepEqual(IMAGE.volumes, [env.get("PARLOR_DATA")]);
  assert.equal(env.get("PARLOR_LISTEN"), `0.0.0.0:${IMAGE.port}`);
  const copied = ALL.at(-1).steps.filter(({ name }) => name === "COPY").flatMap(({ words }) => words);
  assert.ok(copied.includes(env.get("PARLOR_WWW")));
  assert.ok(copied.includes(`/usr/local/bin/${IMAGE.entrypoint[0]}`));
  assert.ok(statSync(join(TOP, "docs/image/entrypoint")).mode & 0o100, "the entrypoint can be executed");
  const [program, command] = IMAGE.health.words;
  assert.ok(copied.some((path) => basename(path) === program));
  assert.match(text("db/admin/commands.def"), new RegExp(`^COMMAND\\("${command}"`, "m"));
});

test("tree: compose.yaml builds the image and puts Caddy in front, on one socket", () => {
  const { services, volumes } = compose();
  assert.deepEqual(Object.keys(services), ["parlor", "caddy"]);
  const { parlor, caddy } = services;
  assert.equal(join("docs/image", parlor.build.context), ".");
  assert.ok(existsSync(join(TOP, parlor.build.dockerfile)));
  assert.deepEqual(Object.keys(parlor.environment).filter((name) => !settings.has(name)), []);
  assert.deepEqual(caddy.group_add, [String(IMAGE.gid)]);
  assert.equal(caddy.depends_on.parlor.condition, "service_healthy");
  const named = Object.fromEntries(Object.keys(volumes).map((name) => [name, TOP]));
  for (const [to, from] of [parlor, caddy].flatMap((service) => Object.entries(mountsOf(service, named)))) assert.ok(from && existsSync(from), to);
  assert.ok(mountsOf(parlor, named)[IMAGE.volumes[0]]);
  const [, socket] = /^unix:(.*)$/.exec(parlor.environment.PARLOR_LISTEN);
  for (const service of [parlor, caddy]) assert.ok(Object.keys(mountsOf(service, named)).some((to) => socket.startsWith(`${to}/`)));
  const [, imported] = /^\timport (\S+)$/m.exec(text("docs/image/Caddyfile"));
  const front = readFileSync(mountsOf(caddy, named)[`/etc/caddy/${imported}`], "utf8");
  assert.deepEqual(new Set(front.match(/\bunix\/\S+/g)), new Set([`unix/${socket}`]));
});
