// parts: e2e san front-proxy
/* Several sites behind one Apache: each virtual host has its own Parlor. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { APACHE, COMMON, MODULES, MORE, SHIPPED } from "./lib/apache.mjs";
import { FORM } from "./lib/forms.mjs";
import { Fronted, freePort } from "./lib/fronted.mjs";
import { sentence } from "./lib/scene.mjs";
import { Program, environment } from "./lib/server.mjs";

/* A site with its two services and a page that shows its NAME. */
class Site extends Fronted {
  constructor(name, at, defines) {
    super({});
    Object.assign(this, { name, at, defines, web: "one for all sites" });
  }

  async start() {
    await super.start();
    await writeFile(join(this.site, "index.html"), `this is ${this.name}`);
    this.room = `room-of-${this.name.replace(".", "-")}`;
    const made = this.program("parlor", ["room", "create", this.room, "--owner-token"]);
    await made.done(0);
    this.token = String(made.stdout).trim().split(/\s/).at(-1);
  }

  host() {
    const own = { PARLOR_AT: this.at, PARLOR_RUN: `${this.dir}/run`, PARLOR_WWW: this.site };
    const lines = this.defines.map((name) => `\tDefine ${name} ${own[name]}\n`).join("");
    return `<VirtualHost *>\n\tServerName ${this.name}\n${lines}\tInclude ${SHIPPED}/proxy.conf\n</VirtualHost>\n`;
  }
}

/* {status, text} of a GET for PATH of the site called HOST. */
function ask(port, host, path, headers = {}) {
  return new Promise((done, failed) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { host, ...headers } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => done({ status: answer.statusCode, text }));
    });
    asked.on("error", failed).end();
  });
}

async function behindOneApache(sites) {
  const [{ dir, user }] = sites;
  const port = await freePort();
  const modules = [...COMMON, ...MORE[FORM.front]].map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so\n`);
  const file = join(dir, "sites.conf");
  await writeFile(file, `${modules.join("")}ServerRoot ${dir}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${dir}/sites.pid
ErrorLog ${dir}/sites.log
TypesConfig /etc/mime.types
${user ? "User www-data\nGroup www-data" : ""}
${sites.map((site) => site.host()).join("")}`);
  const apache = new Program(APACHE, ["-f", file, "-DFOREGROUND"], { env: environment(), log: join(dir, "sites.log") });
  await apache.line(/resuming normal operations/);
  sites[0].others.push(apache);
  return port;
}

const ALL = ["PARLOR_AT", "PARLOR_RUN", "PARLOR_WWW"];
const SHARED = ["PARLOR_RUN", "PARLOR_WWW"];

/* Each of them with the folder that it names, or with the default. */
const ORDERS = [
  ["two folders", [["/chat/", ALL], ["/talk/", ALL]]],
  ["a folder, then none named", [["/chat/", ALL], ["/", SHARED]]],
  ["none named, then a folder", [["/", SHARED], ["/talk/", ALL]]],
  ["none named by either", [["/", SHARED], ["/", SHARED]]],
];

for (const [name, order] of ORDERS)
  sentence(`D3 two sites in one Apache are each where they say: ${name}`, async (s) => {
    const sites = order.map(([at, defines], i) => new Site(`site${i}.test`, at, defines));
    for (const site of sites) {
      s.servers.push(site);
      await site.start();
    }
    const port = await behindOneApache(sites);
    for (const site of sites) {
      assert.deepEqual(await ask(port, site.name, site.at), { status: 200, text: `this is ${site.name}` });
      const { status, text } = await ask(port, site.name, `${site.at}api/v1/rooms`);
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(text).rooms.map((room) => room.id), [site.room]);
      for (const { token } of sites) {
        const bearer = { authorization: `Bearer ${token}` };
        const { status: verdict } = await ask(port, site.name, `${site.at}events?as=json&wait=0&rooms=${site.room}`, bearer);
        /* The owner is known, and is not in the room. */
        assert.equal(verdict, token === site.token ? 403 : 401, "streams are the site's own");
      }
      for (const other of sites)
        if (other.at !== site.at && site.at !== "/")
          assert.equal((await ask(port, site.name, `${other.at}api/v1/health`)).status, 404);
    }
  }, { needs: ["apache", "services"] });

sentence("D3 what proxy.conf takes from Apache's variables it leaves as it was found", async () => {
  const text = await readFile(join(SHIPPED, "proxy.conf"), "utf8");
  const defined = new Set([...text.matchAll(/^\s*Define (\w+)/gm)].map(([, name]) => name));
  const taken = new Set([...text.matchAll(/^\s*UnDefine (\w+)/gm)].map(([, name]) => name));
  assert.ok(defined.size >= 3);
  assert.deepEqual([...taken].sort(), [...defined].sort());
}, { needs: "embedded" });
