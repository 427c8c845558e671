/*
 * What `make zip` packs, unpacked into the document root of a real Apache and
 * nothing else: no other file of Parlor is used, and no command is run.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before } from "node:test";
import { APACHE, COMMON, MODULES, MORE } from "../e2e/lib/apache.mjs";
import { freePort, frontUser } from "../e2e/lib/fronted.mjs";
import { Program, TOP, environment } from "../e2e/lib/server.mjs";
import { contents, enter, onStage, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();
const OWN = { cgi: (run) => `ScriptSock ${run}/cgid`, fcgid: (run) => `FcgidIPCDir ${run}\nFcgidProcessTableFile ${run}/table` };
let zip;

before(async () => {
  execFileSync("make", ["-s", "zip"], { cwd: TOP, stdio: "inherit" });
  const made = (await readdir(join(TOP, "build/dist"))).filter((name) => name.endsWith(".zip"));
  assert.equal(made.length, 1);
  zip = join(TOP, "build/dist", made[0]);
});

/* A host where scripts run as the owner of the files, as with suEXEC. */
async function host(t, form) {
  const dir = await mkdtemp(join(tmpdir(), "parlor-host-"));
  const [root, run] = [join(dir, "home/public_html"), join(dir, "run")];
  for (const made of [root, run]) await mkdir(made, { recursive: true });
  execFileSync("unzip", ["-q", zip, "-d", root]);
  await chmod(dir, 0o711);
  const user = frontUser();
  if (user) execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, join(dir, "home"), run]);
  const port = await freePort();
  const load = [...COMMON, ...MORE[form]].map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`);
  const file = join(dir, "httpd.conf");
  const log = join(dir, "error.log");
  await writeFile(file, `${load.join("\n")}
ServerRoot ${dir}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${dir}/apache.pid
ErrorLog ${log}
TypesConfig /etc/mime.types
${user ? "User www-data\nGroup www-data" : ""}
DocumentRoot ${root}
<Directory ${root}>
	AllowOverride FileInfo Options
	Require all granted
</Directory>
${OWN[form](run)}
`);
  const apache = new Program(APACHE, ["-f", file, "-DFOREGROUND"], { env: environment(), log });
  await apache.line(/resuming normal operations/);
  t.after(async () => {
    await apache.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return { home: join(dir, "home"), chat: join(root, "chat"), url: `http://127.0.0.1:${port}/chat`, user };
}

/* What an FTP program does. */
async function put(site, name, change) {
  const file = join(site.chat, name);
  await writeFile(file, change(await readFile(file, "utf8")));
  if (site.user) await chown(file, site.user.uid, site.user.gid);
}

async function health(site) {
  const answer = await fetch(`${site.url}/api/v1/health`);
  return { http: answer.status, ...(await answer.json().catch(() => ({}))) };
}

const place = (path) => (text) => text.replace(/^data = .*$/m, `data = ${path}`);

for (const form of ["cgi", "fcgid"])
  told(`the zip is unpacked, opened and talked in (${form})`, async (t) => {
    const site = await host(t, form);
    await put(site, "parlor.conf", place(join(site.home, "parlor-data")));
    const ann = await stage.visit(t, "", { url: site.url });
    await ann.fill("#create-title", "Sunday football");
    await ann.click("#create");
    await ann.waitForURL(/\?room=/);
    await enter(ann, "ann");
    await say(ann, "hello from the zip");
    const bob = await stage.visit(t, new URL(ann.url()).search, { url: site.url });
    await enter(bob, "bob");
    await sees(bob, contents, ["hello from the zip"], "the message is there");
    assert.equal((await stat(join(site.home, "parlor-data"))).mode & 0o777, 0o700);
    for (const name of [".htaccess", "parlor.conf"])
      assert.equal((await fetch(`${site.url}/${name}`)).status, 403, name);
  });

for (const form of ["cgi", "fcgid"])
  told(`the page says what to do where the data would be public, and works once that is mended (${form})`, async (t) => {
    const site = await host(t, form);
    await put(site, "parlor.conf", place(join(site.chat, "data")));
    const refused = await health(site);
    assert.deepEqual([refused.http, refused.code], [503, "not_set_up"]);
    assert.match(refused.detail, /Set data in parlor\.conf to a directory outside the document root/);
    const page = await stage.visit(t, "", { url: site.url });
    await until(async () => /parlor\.conf/.test(await page.textContent("body")), "the page names the remedy");
    await shot(page, `zip-${form}`);
    await put(site, "parlor.conf", place(join(site.home, "parlor-data")));
    await until(async () => (await health(site)).http === 200, "the next process uses the new place");
  });

told("the page says what to do where the program may not be run", async (t) => {
  const site = await host(t, "cgi");
  await chmod(join(site.chat, "parlor.cgi"), 0o644);
  const page = await stage.visit(t, "", { url: site.url });
  await until(async () => /755/.test(await page.textContent("body")), "the page names the permissions");
  await shot(page, "zip-permissions");
});
