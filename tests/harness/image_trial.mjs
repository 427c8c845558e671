/*
 * Builds the image of docs/image without Docker, and tries it alone and as
 * docs/image/compose.yaml puts it together:
 *
 *   node tests/harness/image_trial.mjs DIRECTORY
 *
 * DIRECTORY/base is the root that it begins with (tests/distros makes it).  It
 * needs root, curl, iproute2 and binutils.  The last line is `N passed, N failed`.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { text } from "../tree/lib/tree.mjs";
import { compose, mountsOf } from "./compose.mjs";
import { Container, run } from "./container.mjs";
import { packages, stages } from "./dockerfile.mjs";
import { buildImage, ownSize, sh } from "./image.mjs";

const HERE = process.argv[2];
const LIMIT_MS = 60_000;
const at = (name) => join(HERE, name);

/* Each library that a program needs comes with libc or with a package that the Dockerfile names. */
function needsOnlyItsPackages() {
  const named = packages(stages(text("docs/image/Dockerfile")).at(-1));
  for (const program of ["parlor", "parlor-poller"]) {
    const path = `/usr/local/bin/${program}`;
    assert.doesNotMatch(run(at("image"), ["ldd", path]), /not found/);
    for (const [, library] of sh("readelf", "-d", at(`image${path}`)).matchAll(/NEEDED.*\[(.*)\]/g)) {
      const owner = run(at("image"), ["dpkg", "-S", `*/${library}`]).split(":")[0];
      assert.ok(["libc6", ...named].includes(owner), `${program} needs ${library} of ${owner}`);
    }
  }
}

let passed = 0;
let failed = 0;
async function check(name, fn) {
  try {
    const more = await fn();
    console.log(`ok image: ${name}${more ? `: ${more}` : ""}`);
    passed += 1;
  } catch (error) {
    console.log(`NOT OK image: ${name}: ${error.stack}`);
    failed += 1;
  }
}

async function until(condition, what) {
  const end = performance.now() + LIMIT_MS;
  while (!condition()) {
    assert.ok(performance.now() < end, what);
    await pause(100);
  }
}

/* A container with the volume DATA, which has the files and rights of the image's own directory. */
async function started(config, { data, env = [], mounts = {} }) {
  const [volume] = config.volumes;
  if (!existsSync(data)) sh("cp", "-a", at(`image${volume}`), data);
  const container = new Container(at("image"), {
    words: config.entrypoint, user: config, env: [...config.env, ...env], mounts: { ...mounts, [volume]: data } });
  try {
    await until(() => container.exec(config.health.words).status === 0, "it becomes healthy");
  } catch (error) {
    await container.kill();
    throw new Error(`${error.message}\n${container.said}`);
  }
  return container;
}

/* ASK is curl in some network.  NICKNAME joins the room and says WORDS. */
function say(ask, url, nickname, words) {
  const post = (path, body, ...more) => {
    const { status, out, err } = ask([...more, "--fail-with-body", "-H", "Content-Type: application/json", "-d", JSON.stringify(body), `${url}/api/v1${path}`]);
    assert.equal(status, 0, out + err);
    return JSON.parse(out);
  };
  const { token } = post("/rooms/lobby/chatters", { nickname });
  post("/rooms/lobby/messages", { content: words }, "-H", `Authorization: Bearer ${token}`);
  return token;
}

const heard = (ask, url, token) => ask(["-f", "-H", `Authorization: Bearer ${token}`, `${url}/api/v1/rooms/lobby/messages`]).out;

async function alone(config) {
  const data = at("volume");
  const url = `http://127.0.0.1:${config.port}`;
  let container = await started(config, { data });
  const ask = (words) => container.curl(words);
  const made = container.exec(["parlor", "room", "create", "lobby", "--title", "Lobby", "--if-missing"]);
  assert.equal(made.status, 0, made.err);
  const token = say(ask, url, "ann", "kept in the volume");
  assert.match(ask([`${url}/`]).out, /<!doctype html>/i);
  assert.equal(await container.stop(config.stop), 0, container.said);
  container = await started(config, { data });
  assert.match(heard(ask, url, token), /kept in the volume/);
  const rights = readFileSync(`/proc/${container.pid}/status`, "utf8");
  assert.match(rights, new RegExp(`^Uid:\\s+${config.uid}\\s`, "m"));
  assert.match(rights, /^CapEff:\s+0+$/m);
  assert.equal(await container.stop(config.stop), 0, container.said);
}

/* A backup taken while it runs is put back by a container that mounts it, as docs/DEPLOY.md says. */
async function backup(config) {
  const options = { user: config, env: config.env, mounts: { [config.volumes[0]]: at("volume") } };
  const container = await started(config, { data: at("volume") });
  const { bytes, err } = container.exec(["parlor", "backup", "-"]);
  await container.stop(config.stop);
  assert.ok(bytes.length > 0, err);
  writeFileSync(at("backup.db"), bytes);
  const restore = new Container(at("image"), { ...options, words: ["parlor", "restore", "/backup.db"], mounts: { ...options.mounts, "/backup.db": at("backup.db") } });
  assert.equal(await restore.exited, 0, restore.said);
}

/* The site's own tokens need a library, which is loaded from the image. */
async function tokens(config) {
  const [secret, now] = ["s".repeat(32), Math.floor(Date.now() / 1000)];
  const parts = [{ alg: "HS256", typ: "JWT" }, { sub: "4711", exp: now + 600 }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const token = [...parts, createHmac("sha256", secret).update(parts.join(".")).digest("base64url")].join(".");
  writeFileSync(at("jwt.key"), secret);
  const container = await started(config, {
    data: at("volume"), env: ["PARLOR_JWT_ALGORITHM=HS256", "PARLOR_JWT_KEY_FILE=/jwt.key"], mounts: { "/jwt.key": at("jwt.key") } });
  const me = (credential) => container.curl(["-o", "/dev/null", "-w", "%{http_code}", "-H", `Authorization: Bearer ${credential}`, `http://127.0.0.1:${config.port}/api/v1/me`]).out;
  assert.deepEqual([me(token), me(`${token}x`)], ["200", "401"]);
  assert.equal(await container.stop(config.stop), 0, container.said);
}

const DATA = "/var/lib/parlor";
const site = "https://localhost/chat";

/* compose.yaml: Parlor without a network, and Caddy with no right but to listen on its ports. */
async function behindCaddy(config) {
  const { parlor, caddy } = compose().services;
  const [gid] = caddy.group_add;
  const volumes = { data: at("volume"), socket: at("socket"), caddy: at("caddy-data") };
  sh("cp", "-a", at("image/run/parlor"), volumes.socket);
  mkdirSync(volumes.caddy);
  const { [DATA]: data, ...mounts } = mountsOf(parlor, volumes);
  const env = Object.entries(parlor.environment).map(([name, value]) => `${name}=${value}`);
  const container = await started(config, { data, env, mounts });
  sh("cp", "-a", at("base"), at("front"));
  run(at("front"), ["sh", "-c", "apt-get update && apt-get install -y --no-install-recommends caddy"]);
  const front = new Container(at("front"), {
    words: ["caddy", "run", "--config", "/etc/caddy/Caddyfile"], env: ["HOME=/tmp", "XDG_DATA_HOME=/data", "SITE=localhost"],
    user: { uid: 0, gid: 0, groups: [gid], rights: caddy.cap_add }, mounts: mountsOf(caddy, volumes) });
  try {
    const ask = (words) => front.curl(["-k", ...words]);
    await until(() => ask(["-f", `${site}/api/v1/health`]).status === 0, "Caddy answers");
    const token = say(ask, site, "bob", "through Caddy");
    assert.match(heard(ask, site, token), /kept in the volume.*through Caddy/s);
    const events = ask(["-fN", "--max-time", "3", "-H", `Authorization: Bearer ${token}`, `${site}/events?rooms=lobby&as=sse&cursor=-5`]);
    assert.match(events.out, /^event: message\n.*through Caddy/ms);
    const led = (url) => ask(["-L", "-o", "/dev/null", "-w", "%{http_code} %{url_effective}", url]).out;
    assert.equal(led(`${site}/metrics`), `404 ${site}/metrics`);
    assert.equal(led("https://localhost/"), `200 ${site}/`);
  } catch (error) {
    throw new Error(`${error.stack}\n${front.said}\n${container.said}`);
  } finally {
    await front.kill();
    await container.kill();
  }
}

let config;
await check("the steps of the Dockerfile", () => {
  config = buildImage(HERE);
  return ownSize(HERE);
});
if (config) {
  await check("its programs find their libraries, in the packages that it names", needsOnlyItsPackages);
  await check("alone, it becomes healthy, keeps messages in its volume, and stops when told to", () => alone(config));
  await check("a backup is taken while it runs, and put back", () => backup(config));
  await check("it reads the tokens of an embedding site", () => tokens(config));
  await check("compose.yaml: Parlor without a network behind Caddy with HTTPS", () => behindCaddy(config));
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
