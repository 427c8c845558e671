// parts: e2e san
/* `parlor check`, beyond the store: Apache's configuration, sockets, limits and the length of the log. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { sentence, withStoppedServer } from "./lib/scene.mjs";
import { Program } from "./lib/server.mjs";

async function check(server, code, ...words) {
  const program = server.program("parlor", ["check", ...words]);
  await program.done(code);
  return String(program.stdout);
}

/* A configuration as Debian lays it out, with FILES ({name: text}) in addition; its directory. */
async function apache(server, files = {}) {
  const dir = join(server.dir, "apache2");
  const all = {
    "apache2.conf": "Timeout 300\n# Timeout 1\nIncludeOptional mods-enabled/*.load\n",
    "mods-enabled/reqtimeout.load": "LoadModule reqtimeout_module /usr/lib/apache2/modules/mod_reqtimeout.so\n",
    "mods-enabled/reqtimeout.conf": "<IfModule reqtimeout_module>\n\tRequestReadTimeout header=20-40,minrate=500\n\tRequestReadTimeout body=10,minrate=500\n</IfModule>\n",
    "mods-enabled/mpm_event.load": "LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\n",
    "mods-enabled/mpm_event.conf": "MaxRequestWorkers 4608\n",
    "sites-enabled/000-default.conf": `<VirtualHost *:80>\n  DocumentRoot "${join(server.dir, "html")}"\n  Include /etc/apache2/parlor-chat.conf\n</VirtualHost>\n`,
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  await mkdir(join(server.dir, "html"), { recursive: true });
  return dir;
}

const SETTINGS = { streams_max: 4000 };
const stopped = (name, fn, settings = SETTINGS) => sentence(name, () => withStoppedServer(settings, fn), { needs: "embedded" });

stopped("check says that all is well, and what it has looked at, as a line or as JSON", async (server) => {
  const dir = await apache(server);
  assert.match(await check(server, 0, "--apache", dir), new RegExp(`^all is well: looked at the settings, at ${server.data} .*Apache's configuration in ${dir}, and at the database \\(schema \\d+\\)\\n$`));
  const { schema, ...rest } = JSON.parse(await check(server, 0, "--apache", dir, "--json"));
  assert.ok(schema > 0);
  assert.deepEqual(rest, { well: true, findings: [], notes: [], looked_at: ["settings", server.data, "database", "sockets", "open files", dir] });
  assert.match(await check(server, 1, "--apache", join(server.dir, "none")), /none cannot be read; check --apache/);
});

/* Faults of a configuration, and what is said of each. */
const FAULTS = {
  "a document root above the data": [(server) => ({ "sites-enabled/other.conf": `  DocumentRoot ${server.dir}/\n` }), /data lies below the document root \S+ \(\S+other\.conf\), so anybody can fetch the database/],
  "no mod_reqtimeout": [() => ({ "mods-enabled/reqtimeout.load": "" }), /does not load mod_reqtimeout.*a2enmod reqtimeout/],
  "a mod_reqtimeout that waits for ever": [() => ({ "conf-enabled/slow.conf": "RequestReadTimeout header=20 body=0\n" }), /RequestReadTimeout header=20 body=0 in \S+slow\.conf lets a client that sends slowly hold a thread/],
  "a timeout shorter than two heartbeats": [() => ({ "conf-enabled/short.conf": "ProxyTimeout 8\n" }), /ProxyTimeout 8 in \S+short\.conf cuts off streams that are silent: set hb_ms to 4000 or less/],
  "a FastCGI timeout shorter than two heartbeats": [() => ({ "mods-enabled/fcgid.conf": "FcgidIOTimeout 9\n" }), /FcgidIOTimeout 9 .*set hb_ms to 4500 or less/],
  "FastCGI requests that are cut off": [() => ({ "mods-enabled/fcgid.conf": "  FcgidMaxRequestLen 4096\n" }), /FcgidMaxRequestLen 4096 in \S+ is too small/],
  "the prefork MPM": [() => ({ "mods-enabled/mpm_prefork.load": "LoadModule mpm_prefork_module x.so\n" }), /prefork MPM, so each stream holds a process/],
  "fewer workers than streams": [() => ({ "mods-enabled/mpm_event.conf": "MaxRequestWorkers 1600\n" }), /MaxRequestWorkers in \S+ is 1600, and streams_max is 4000: .* set streams_max to 1400/],
};

for (const [what, [files, said]] of Object.entries(FAULTS))
  stopped(`check finds in Apache's configuration: ${what}`, async (server) => {
    const out = await check(server, 1, "--apache", await apache(server, files(server)));
    assert.match(out, said);
    assert.equal(out.split("\n").length, 2, `one finding: ${out}`);
    assert.deepEqual(JSON.parse(await check(server, 1, "--apache", join(server.dir, "apache2"), "--json")).findings, [out.trimEnd()]);
  });

stopped("check judges a configuration that names no Parlor only for a document root above the data", async (server) => {
  const foreign = Object.fromEntries(Object.values(FAULTS).slice(1).flatMap(([files]) => Object.entries(files(server))));
  const dir = await apache(server, { ...foreign, "sites-enabled/000-default.conf": "# parlor was here\nDocumentRoot /nowhere\n" });
  assert.match(await check(server, 0, "--apache", dir), /all is well/);
});

stopped("check finds a socket on which no program listens any more", async (server) => {
  const path = join(server.dir, "api.sock");
  const listener = createServer();
  listener.listen(path);
  await once(listener, "listening");
  server.settings.api_listen = `unix:${path}`;
  assert.match(await check(server, 0, "--apache", await apache(server)), /all is well/);
  listener.close();
  await once(listener, "close");
  const gone = new Program("/usr/bin/python3", ["-c", "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", path], { env: {} });
  await gone.done();
  assert.match(await check(server, 1, "--apache", join(server.dir, "apache2")), /no program listens on \S+api\.sock any more; start the service again/);
});

/* A poller on DATA that may open few files. */
async function startPoor(server, data) {
  const listen = `unix:${join(server.dir, "poor.sock")}`;
  const script = 'ulimit -n 600; exec "$0" "$@"';
  const poor = new Program("/bin/sh", ["-c", script, join(server.build, "parlor-poller"), "--data", data, "--listen", listen], { env: server.env() });
  server.others.push(poor);
  await poor.line(/msg="listening"/);
  return poor;
}

stopped("check notes a poller that may open fewer files than streams_max, if it serves this store", async (server) => {
  const dir = await apache(server);
  const other = join(server.dir, "other");
  await server.program("parlor", ["--data", other, "migrate"]).done();
  const poor = await startPoor(server, other);
  assert.match(await check(server, 0, "--apache", dir), /^all is well/);
  await poor.stop();
  const { pid } = await startPoor(server, server.data);
  assert.match(await check(server, 0, "--apache", dir), new RegExp(`^note: parlor-poller \\(process ${pid}\\) may open 600 files, but streams_max is 4000; raise LimitNOFILE.*\\nall is well`));
  assert.equal(JSON.parse(await check(server, 0, "--apache", dir, "--json")).notes.length, 1);
});

stopped("check finds a write-ahead log that is long because of a reader", async (server) => {
  await truncate(join(server.data, "parlor.db-wal"), 100 * 4096 * 8 + 1);
  assert.match(await check(server, 1, "--apache", await apache(server)), /write-ahead log is 3 MB long, because a program has been reading for long/);
}, { ...SETTINGS, wal_pages: 100 });
