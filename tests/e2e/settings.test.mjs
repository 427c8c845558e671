// parts: e2e san
/* Where settings come from, which source wins, and what a program says about a wrong one. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { sentence, withStoppedServer } from "./lib/scene.mjs";
import { Program, TOP, environment } from "./lib/server.mjs";
import { within } from "./lib/wait.mjs";

/* A program whose settings are LINES of a parlor.conf, ARGS and EXTRA. */
async function configured(server, name, lines, args = [], extra = {}) {
  const conf = join(server.dir, `${(server.confs = (server.confs ?? 0) + 1)}.conf`);
  await writeFile(conf, lines.map((line) => `${line}\n`).join(""));
  const program = new Program(join(server.build, name), args, { env: environment({}, { PARLOR_CONF: conf, ...extra }) });
  program.conf = conf;
  return program;
}

/* The exit status and output of a program that ends by itself. */
async function ended(program) {
  const { code } = await within(program.exited, `${program.name} ends`);
  program.clean();
  return { code, out: String(program.stdout), err: program.stderr };
}

const refuses = async (server, name, lines, args, said, code = 2) => {
  const end = await ended(await configured(server, name, [`data = ${server.data}`, ...lines], args));
  assert.equal(end.code, code, `${name} ${lines} ${args}: ${end.err}`);
  assert.match(end.err, said);
};

/* The command line of a shipped unit, with all paths moved under DIR, and any port. */
async function shipped(name, key, dir) {
  const text = await readFile(join(TOP, "docs/systemd", `${name}.service`), "utf8");
  const [, line] = new RegExp(`^${key}=/usr/local/bin/(.*)$`, "m").exec(text);
  return line.replaceAll("/run/parlor/", `${dir}/run/`).replaceAll("/var/lib/parlor", `${dir}/default-data`)
    .replace("/usr/local/share/parlor/www", join(TOP, "www")).replace("127.0.0.1:8080", "127.0.0.1:0").split(" ");
}

const UNITS = [["parlor-api", "ExecStart"], ["parlor-poller", "ExecStart"], ["parlor", "ExecStart"], ["parlor-api", "ExecStartPre"], ["parlor-poller", "ExecStartPre"], ["parlor", "ExecStartPre"]];

sentence("D3 no option of the shipped units wins over parlor.conf", () => withStoppedServer({}, async (server) => {
  for (const [unit, key] of UNITS)
    for (const word of (await shipped(unit, key, server.dir)).filter((one) => one.startsWith("--")))
      assert.match(word, /^--(default-|embed$)/, `${unit} ${key}`);
}), { needs: "embedded" });

sentence("D3 the shipped units run by their own defaults, and by parlor.conf where it says otherwise", () => withStoppedServer({}, async (server) => {
  await mkdir(join(server.dir, "run"));
  const chosen = join(server.dir, "chosen-data");
  const files = { none: [], own: [`data = ${chosen}`, "listen = 127.0.0.1:0", `api_listen = unix:${server.dir}/own.sock`, "workers = 0"] };
  for (const [which, lines] of Object.entries(files)) {
    const data = which === "none" ? join(server.dir, "default-data") : chosen;
    for (const [unit, key] of UNITS.toReversed()) {
      const [name, ...args] = await shipped(unit, key, server.dir);
      const program = await configured(server, name, lines, args);
      if (name === "parlor") {
        assert.equal((await ended(program)).code, 0);
        continue;
      }
      server.others.push(program);
      const [, address] = await program.line(/msg="listening".* address=(\S+)/);
      const own = unit === "parlor-api" ? `unix:${server.dir}/own.sock` : /^127\.0\.0\.1:\d+$/;
      const given = unit === "parlor" ? /^127\.0\.0\.1:\d+$/ : new RegExp(`^unix:${server.dir}/run/${unit.replace("parlor-", "").replace("poller", "events")}\\.sock$`);
      if (which === "none") assert.match(address, given);
      else assert.match(address, own instanceof RegExp ? own : new RegExp(`^${own}$`));
      if (unit === "parlor-api" && which === "none") await program.line(/workers are ready" workers=2/);
      assert.doesNotMatch(program.stderr, /overridden/);
    }
    assert.ok(existsSync(join(data, "parlor.db")));
    for (const program of server.others.splice(0)) await program.stop();
  }
  assert.ok(!existsSync(join(server.dir, "own.sock", "x")));
}), { needs: "embedded" });

const OVERRULED = (name, there, by, now) =>
  new RegExp(`level=warn msg="setting in the file is overridden" name=${name} file="[^"]*\\.conf:\\d+" there="${there}" by=${by} now="${now}"`);

sentence("D3 a setting of parlor.conf that is overruled is told by every program that starts, and under -n", () =>
  withStoppedServer({}, async (server) => {
    const lines = [`data = ${server.data}`, "hb_ms = 500", "retry_ms = 7"];
    const extra = { PARLOR_RETRY_MS: "9" };
    const args = ["--hb_ms", "600"];
    const said = [OVERRULED("hb_ms", "500", "--hb_ms", "600"), OVERRULED("retry_ms", "7", "PARLOR_RETRY_MS", "9")];
    const check = (text, where) => {
      for (const pattern of said) assert.match(text, pattern, where);
      assert.equal([...text.matchAll(/overridden/g)].length, 2, `${where}: each once\n${text}`);
    };
    for (const name of ["parlor", "parlor-api", "parlor-poller"]) {
      const { code, out, err } = await ended(await configured(server, name, lines, [...args, "-n"], extra));
      assert.deepEqual([code, out], [0, "the settings can be used\n"], err);
      check(err, `${name} -n`);
    }
    const { err } = await ended(await configured(server, "parlor", lines, [...args, "check"], extra));
    check(err, "parlor check");
    const daemons = {
      "parlor-api": [`--listen=unix:${server.dir}/one.sock`],
      "parlor-api with workers": [`--listen=unix:${server.dir}/two.sock`, "--workers=2"],
      "parlor-poller": ["--embed", "--listen=127.0.0.1:0"],
    };
    for (const [name, more] of Object.entries(daemons)) {
      const program = await configured(server, name.split(" ")[0], lines, [...args, ...more], extra);
      server.others.push(program);
      await program.line(name.includes("workers") ? /workers are ready/ : /msg="listening"/);
      check(program.stderr, name);
    }
  }), { needs: "embedded" });

/* -n, `parlor check` and the start agree about any settings. */
const WRONG = [
  ["cors_origins = example.com", /cors_origins contains a word that is not an origin/],
  ["cors_origins = https://example.com/", /cors_origins contains a word that is not an origin/],
  ["cors_origins = https://a.example, https://b.example", /cors_origins contains a word that is not an origin/],
  ["cors_origins = https://a.example:99999", /cors_origins contains a word that is not an origin/],
  ["cors_origins = https://a..example", /cors_origins contains a word that is not an origin/],
  ["cors_origins = https://a.example:443", /cors_origins contains a word that is not an origin/],
  ["cors_origins = http://[::g]", /cors_origins contains a word that is not an origin/],
  ["jwt_algorithm = none", /jwt_algorithm must be HS256, RS256 or ES256/],
  ["jwt_algorithm = HS256", /jwt_key_file cannot be read/],
  ["listen = 127.0.0.1:99999", /not an address to listen on.*name=listen.*a port is/],
  ["listen = :24011", /not an address to listen on.*the host is missing/],
  ["api_listen = 127.0.0.1:80", /setting is not a unix socket.*name=api_listen/],
  ["api_listen = unix:x", /not an address to listen on.*name=api_listen/],
  ["hb_ms = 500x", /setting is not a whole number.*name=hb_ms/],
  ["hb_ms = 99999999999999999999", /setting is too large.*name=hb_ms/],
  ["no_such = 1", /no such setting.*name="no_such"/],
  ["hb_ms", /setting has no value.*line="hb_ms"/],
  ["data =", /setting has no value.*name=data/],
];

sentence("D5 a wrong setting is told in words by every program: at its start, under -n, and by parlor check", () =>
  withStoppedServer({}, async (server) => {
    for (const [line, said] of WRONG) {
      const starts = {
        "parlor-api": line.startsWith("api_listen") ? [] : [`--api_listen=unix:${server.dir}/api.sock`],
        "parlor-poller": line.startsWith("listen") ? [] : ["--listen=127.0.0.1:0"],
      };
      for (const [name, args] of Object.entries(starts)) {
        await refuses(server, name, [line], args, said);
        await refuses(server, name, [line], ["-n", ...args], said);
      }
      const end = await ended(await configured(server, "parlor", [`data = ${server.data}`, line], ["check"]));
      assert.notEqual(end.code, 0, line);
      assert.match(end.err + end.out, said);
      await refuses(server, "parlor", [line], ["-n"], said);
    }
    assert.ok(!existsSync(join(server.dir, "api.sock")));
  }), { needs: "embedded" });

/* The poller's log line about ADDRESS, at which it cannot listen. */
async function cannotListen(server, address) {
  const program = server.program("parlor-poller", ["--embed", "--listen", address]);
  const { code, err } = await ended(program);
  assert.notEqual(code, 0, address);
  return err;
}

sentence("D4 what cannot be listened on is told with its reason and what mends it", () => withStoppedServer({}, async (server) => {
  const busy = createServer().listen(0, "127.0.0.1");
  await within(new Promise((done) => busy.on("listening", done)), "somebody listens");
  try {
    const at = `127.0.0.1:${busy.address().port}`;
    assert.match(await cannotListen(server, at), /cannot listen;.*another program listens there/);
    assert.match(await cannotListen(server, `unix:${server.dir}/none/x.sock`), /cannot listen;.*directory of the unix socket is missing/);
    assert.match(await cannotListen(server, "192.0.2.1:8080"), /cannot listen;.*this machine has no such address/);
    assert.match(await cannotListen(server, "nobody.invalid:8080"), /cannot listen; the host name has no address/);
    assert.match(await cannotListen(server, `unix:${"/x".repeat(60)}`), /at most 107 bytes/);
  } finally {
    busy.close();
  }
}), { needs: "embedded" });

sentence("D4 a file that is no socket is never removed to listen in its place", () => withStoppedServer({}, async (server) => {
  const file = join(server.dir, "precious");
  await writeFile(file, "precious");
  assert.match(await cannotListen(server, `unix:${file}`), /cannot listen;.*not a socket and is left alone/);
  const api = server.program("parlor-api", ["--listen", `unix:${file}`]);
  assert.match((await ended(api)).err, /cannot listen;.*not a socket and is left alone/);
  assert.equal(await readFile(file, "utf8"), "precious");
}), { needs: "embedded" });

const reached = async (url) => (await fetch(`${url}/api/v1/health`)).status;

for (const [hosts, addresses] of [
  ["127.0.0.1 localhost\n", ["127.0.0.1"]],
  ["127.0.0.1 localhost\n::1 localhost ip6-localhost\n", ["127.0.0.1", "[::1]"]],
  ["127.0.0.1 localhost\n127.0.0.1 localhost\n::1 localhost\n", ["127.0.0.1", "[::1]"]],
])
  sentence(`D4 a name is listened on at all of its addresses, by one port: ${addresses.join(" ")} of ${hosts.trim().split("\n").length} lines`, () =>
    withStoppedServer({}, async (server) => {
      const file = join(server.dir, "hosts");
      await writeFile(file, hosts);
      const run = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
      const args = ["--mount", "--map-root-user", "sh", "-c", run, "sh", file, join(server.build, "parlor-poller")];
      const program = new Program("unshare", [...args, "--embed", "--listen", "localhost:0"], { env: server.env() });
      server.others.push(program);
      const [, port] = await program.line(/msg="listening" address=127\.0\.0\.1:(\d+)/);
      for (const address of addresses) {
        await program.line(new RegExp(`address=${address.replace(/[[\]]/g, "\\$&")}:${port}\\b`));
        assert.equal(await reached(`http://${address}:${port}`), 200);
      }
      assert.equal([...program.stderr.matchAll(/msg="listening"/g)].length, addresses.length);
    }), { needs: "embedded" });

sentence("D4 [::1] is listened on as written", () => withStoppedServer({}, async (server) => {
  const program = server.program("parlor-poller", ["--embed", "--listen", "[::1]:0"]);
  server.others.push(program);
  const [, address] = await program.line(/msg="listening" address=(\[::1\]:\d+)/);
  assert.equal(await reached(`http://${address}`), 200);
  await assert.rejects(reached(`http://127.0.0.1:${address.split(":").at(-1)}`));
}), { needs: "embedded" });
