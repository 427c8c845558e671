// parts: e2e (long)
/* `parlor doctor` names what is wrong with a site, each time before a real web server. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePort } from "./lib/fronted.mjs";
import { FORM } from "./lib/forms.mjs";
import { Server } from "./lib/server.mjs";
import { sentence } from "./lib/scene.mjs";
import { TEST_LIMIT_MS } from "./lib/wait.mjs";
import { HOUR_MS, WallClock } from "./lib/wallclock.mjs";
import { WrongFronts } from "./lib/wrong-fronts.mjs";

const AT_ONCE = 6;
const FRIEND = "https://friend.example";
const LIMITED = '<Location />\n<LimitExcept GET POST OPTIONS>\nRequire all denied\n</LimitExcept>\n</Location>';
const COMPRESSING = (filter) => ({
  changes: [["SetEnv no-gzip 1", ""], ["SetEnv no-brotli 1", ""]],
  extra: `AddOutputFilterByType ${filter} text/event-stream`,
});
const answer = (path, text) => ({ extra: `location = /chat/${path} { default_type text/plain; add_header Cache-Control no-cache; return 200 '${text}'; }` });

/* [what is wrong, the web server, its options, the words of doctor, the findings, what is said]; options may depend on the server. */
const WRONG = [
  ["nothing is wrong with Apache", "apache", {}, ["--origin", FRIEND], [], /all is well/],
  ["nothing is wrong with nginx", "nginx", {}, ["--origin", FRIEND, "--streams", "25"], [], /heartbeats, every 0\.4 s, get through[^]*25 streams at once are no trouble/],
  ["the header Authorization is removed", "apache", { changes: [["CGIPassAuth On", ""]] }, [], ["authorization"], /api\/>: CGIPassAuth On/],
  ["it is removed before the poller only", "apache", { changes: [["ProxyErrorOverride On", "RequestHeader unset Authorization\n\tProxyErrorOverride On"]] },
    [], ["authorization_events"], /remove from <Location \$\{PARLOR_AT\}events>/],
  ["mod_deflate compresses streams", "apache", COMPRESSING("DEFLATE"), [], ["stream_compressed"], /mod_deflate of Apache[^]*SetEnv no-gzip 1/],
  ["mod_brotli compresses streams", "apache", COMPRESSING("BROTLI_COMPRESS"), [], ["stream_compressed"], /mod_brotli of Apache[^]*SetEnv no-brotli 1/],
  ["HTTP/2 is on", "apache", { modules: ["http2"], changes: [["Protocols http/1.1", "Protocols h2c http/1.1"]] }, [], ["http2"], /Protocols http\/1\.1/],
  ["the poller is down", "apache", ({ nowhere }) => ({ events: nowhere }), [], ["poller_down"], /enable --now parlor-poller/],
  ["the database is below the document root", "apache",
    ({ open }) => ({ extra: `Alias /data ${open}\n<Directory ${open}>\nRequire all granted\n</Directory>` }), [], ["database_open"], /Anyone can read \S+\/data\/parlor\.db/],
  ["the settings are below the document root", "apache",
    ({ open }) => ({ extra: `Alias /bin ${open}\n<Directory ${open}>\nRequire all granted\n</Directory>` }), [], ["settings_open"], /bin\/parlor\.conf/],
  ["the metrics are passed on", "apache", ({ address }) => ({ extra: `ProxyPass /metrics http://${address}/metrics` }), [], ["metrics_open"], /ProxyPass \S+metrics !/],
  ["only GET and POST are let through", "apache", { extra: LIMITED }, [], ["methods"], /no PATCH through/],
  ["an origin is not listed", "apache", {}, ["--origin", "https://stranger.example"], ["cors"], /cors_origins = https:\/\/stranger\.example/],
  ["the web server allows origins of its own", "apache", { extra: 'Header always add Access-Control-Allow-Origin "*"' }, ["--origin", FRIEND], ["cors_twice"], /twice/],
  ["the API may not be run", "apache", { extra: '<LocationMatch "^/api/">\nRequire all denied\n</LocationMatch>' }, [], ["api_denied"], /ExecCGI/],
  ["the address is another one", "apache", { extra: "Redirect permanent /index.html /\nRedirectMatch permanent ^/$ /chat/" }, [], ["page_moved"], /leads to another one: \S+\/chat\/\./],
  ["nginx holds streams back", "nginx", { changes: [["proxy_buffering off;", "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;"]] },
    [], ["stream_buffered"], /proxy_buffering off;/],
  ["nginx compresses streams", "nginx", { changes: [["gzip off;\n\terror_page 413 @parlor_large;\n\t# An", "gzip on; gzip_types text/event-stream;\n\terror_page 413 @parlor_large;\n\t# An"]] },
    [], ["stream_compressed"], /gzip off;/],
  ["the time-out is below the heartbeat", "nginx", { changes: [["proxy_read_timeout 10s", "proxy_read_timeout 150ms"]] }, [], ["stream_cut"], /proxy_read_timeout 10s/],
  ["the page is kept", "nginx", { changes: [["Cache-Control $parlor_cache", "Cache-Control max-age=31536000,immutable"]] }, [], ["page_cached"], /miss an upgrade/],
  ["the files of the page are not kept", "nginx", { changes: [["Cache-Control $parlor_cache", "Cache-Control no-cache"]] }, [], ["files_not_kept"], /\$parlor_cache/],
  ["the page is of another version than its files", "nginx", answer("", '<script src="v-0123456789abcdef/app.js">'), [], ["page_torn"], /v-0123456789abcdef\/app\.js, which answers 404/],
  ["another page is there", "nginx", answer("", "It works!"), [], ["page_missing"], /no page of Parlor/],
  ["nothing is compressed", "nginx", { changes: [["gzip_static on;", ""]] }, [], ["not_compressed"], /gzip_static on;/],
  ["the programs are of another version", "nginx", answer("api/v1/health", '{"status":"ok","storage":"ok","schema":3,"version":"0.0.1"}'),
    [], ["other_version"], /runs Parlor 0\.0\.1 with schema 3/],
  ["the disk is full", "nginx", answer("api/v1/health", '{"status":"degraded","storage":"full","schema":SCHEMA,"version":"VERSION"}'), [], ["storage"], /its storage is full/],
  ["the script is given out", "nginx", answer("api/v1/health", "#!/bin/sh"), [], ["api_text"], /a2enmod fcgid/],
  ["something else answers", "nginx", answer("api/v1/health", "hello"), [], ["api_foreign"], /in place of the API/],
  ["the API is not there", "nginx", { changes: [["location /chat/api/", "location /elsewhere/api/"]] }, [], ["api_missing"], /location \/chat\/api\//],
  ["the API is down", "nginx", { changes: [["unix:/run/parlor/api.sock", "unix:/nowhere/api.sock"], ["location @parlor_down", "#unix:/run/parlor/api.sock\nlocation @parlor_down"]] },
    [], ["api_down"], /status parlor-api parlor-poller/],
  ["the API is broken", "nginx", { extra: "location = /chat/api/v1/health { return 500; }" }, [], ["api_broken"], /answers 500/],
  ["there is no way to the events", "nginx", { changes: [["location = /chat/events", "location = /elsewhere"]] }, [], ["stream_refused"], /answers 404/],
  ["the header Upgrade is removed", "nginx", { changes: [["proxy_set_header Upgrade $http_upgrade;", ""], ["Connection $parlor_connection", 'Connection ""']] },
    [], ["websocket"], /removed the header Upgrade/],
  ["the web server bears few streams", "nginx", { connections: 30 }, ["--streams", "40"], ["standstill"], /With \d+ streams open[^]*worker_connections 8192/],
];

/* Runs `parlor doctor` with WORDS; returns what it prints and how it ends. */
async function doctor(server, words, env = {}) {
  const program = server.program("parlor", ["doctor", ...words], env);
  const { code } = await program.exited;
  program.clean();
  return { code, out: String(program.stdout), err: program.stderr };
}

const codes = (out) => [...out.matchAll(/^([a-z0-9_]+): /gm)].map(([, code]) => code).filter((code) => code !== "note");

if (FORM.front === null) {
  const server = new Server({ settings: { hb_ms: 400, cors_origins: FRIEND } });
  const fronts = new WrongFronts(server);
  const outcomes = new Map();

  async function known() {
    const open = join(server.dir, "open");
    await mkdir(open);
    await copyFile(join(server.data, "parlor.db"), join(open, "parlor.db"));
    await chmod(join(open, "parlor.db"), 0o644);
    await writeFile(join(open, "parlor.conf"), "data = /var/lib/parlor\n");
    return { open, address: server.address, nowhere: `127.0.0.1:${await freePort()}` };
  }

  async function examine([, front, options, words], facts) {
    const url = await fronts[front](typeof options === "function" ? options(facts) : options);
    return doctor(server, [url, ...words]);
  }

  before(async () => {
    await server.start();
    await fronts.prepare();
    const facts = await known();
    const { schema, version } = await (await fetch(`${server.api}/health`)).json();
    const rows = WRONG.values();
    const worker = async () => {
      for (const row of rows) {
        const [name, , options] = row;
        if (options.extra) options.extra = options.extra.replace("SCHEMA", schema).replace("VERSION", version);
        outcomes.set(name, await examine(row, facts).catch((error) => ({ error })));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }, { timeout: TEST_LIMIT_MS });

  after(async () => {
    await fronts.end();
    await server.end();
  }, { timeout: TEST_LIMIT_MS });

  for (const [name, , , , finds, said] of WRONG)
    test(`doctor: it sees that ${name}`, () => {
      const { code, out, err, error } = outcomes.get(name);
      assert.ifError(error);
      assert.deepEqual(codes(out), finds, out + err);
      assert.match(out, said);
      assert.equal(code, finds.length > 0 ? 1 : 0);
    });
}

const alone = (name, fn, settings = {}) => sentence(name, async (s) => fn(await s.serve({ settings: { hb_ms: 300, ...settings } })), { needs: "embedded" });

alone("doctor: it leaves nothing behind", async (server) => {
  const { code } = await doctor(server, [server.url, "--streams", "12"]);
  assert.equal(code, 0);
  const list = server.program("parlor", ["room", "list", "--all"]);
  await list.done(0);
  assert.equal(String(list.stdout), "");
});

alone("doctor: it says which clock is wrong, and by how much", async (server) => {
  const clock = new WallClock();
  clock.move(HOUR_MS / 2);
  const { code, out } = await doctor(server, [server.url], clock.env);
  clock.end();
  assert.deepEqual([code, codes(out)], [1, ["clock"]], out);
  assert.match(out, /clock is (1800|1799|1801) seconds behind this machine's/);
});

alone("doctor: an address beyond this machine needs a web server with encryption", async (server) => {
  const { code, out } = await doctor(server, [`http://0.0.0.0:${server.port}`]);
  assert.deepEqual([code, codes(out)], [1, ["plain_http", "metrics_open"]], out);
});

alone("doctor: findings can be read by programs", async (server) => {
  const { code, out } = await doctor(server, [server.url, "--json", "--origin", FRIEND]);
  const { url, well, findings, notes, looked_at: looked } = JSON.parse(out);
  assert.deepEqual([code, url, well], [1, server.url, false]);
  assert.equal(findings.length, 1);
  const [{ finding, says, remedies }] = findings;
  assert.deepEqual([finding, says], ["cors", `The API does not allow pages of ${FRIEND}.`]);
  assert.deepEqual(remedies[0], { where: "parlor.conf", line: `cors_origins = ${FRIEND}` });
  assert.match(notes.join(), /the metrics can be read here/);
  assert.ok(looked.includes("WebSocket"));
});

/* A site that is anything but Parlor: GIVE(path) is the body. */
async function hostile(give, fn) {
  const site = createServer(({ url }, answer) => answer.end(give(url)));
  await new Promise((done) => site.listen(0, "127.0.0.1", done));
  try {
    await fn(`http://127.0.0.1:${site.address().port}`);
  } finally {
    site.closeAllConnections();
    site.close();
  }
}

alone("doctor: a site cannot make it write files or color a terminal", async (server) => {
  const file = join(server.dir, "written");
  const health = await (await fetch(`${server.api}/health`)).text();
  const option = `\noutput = ${file}\nuser-agent = `;
  const room = JSON.stringify({ room: { id: "x" }, token: `t${option}` });
  const give = (path) => (path.endsWith("health") ? health.replace("ok", "\\u001b[31m") : path.endsWith("rooms") ? room : `<script src="a${option}/app.js">`);
  await hostile(give, async (url) => {
    const { code, out } = await doctor(server, [url]);
    assert.equal(code, 1);
    assert.match(out, /^storage: Parlor answers that it is {2}\[31m:/m);
    assert.doesNotMatch(out, /\x1b/);
  });
  assert.ok(!existsSync(file));
});

alone("doctor: a room that cannot be made is a finding", async (server) => {
  const answers = [];
  for (let n = 0; n < 2; n++) answers.push(await doctor(server, [server.url]));
  const [{ code: first }, { code: second, out }] = answers;
  assert.deepEqual([first, second, codes(out)], [0, 1, ["room_refused"]], out);
}, { rate_rooms: 1 });

alone("doctor: what is no address or origin is refused, and a site that does not answer is a finding", async (server) => {
  for (const words of [[], ["example.org"], ["http://x/?room=a"], [server.url, "--origin", "https://x.example/"], [server.url, "--streams", "5001"], [server.url, "--fast"]])
    assert.equal((await doctor(server, words)).code, 2, words.join(" "));
  const { code, out } = await doctor(server, [`http://127.0.0.1:${await freePort()}/chat/`]);
  assert.deepEqual([code, codes(out)], [1, ["unreachable"]]);
  const { code: lacking, err } = await doctor(server, [server.url], { PATH: "/nowhere" });
  assert.equal(lacking, 1);
  assert.match(err, /the program curl cannot be started; install it/);
});
