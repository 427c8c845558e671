/*
 * A private Apache on a free port, with the configuration shipped in
 * docs/apache/. Only what a host sets for its whole server is added here.
 */
import { execFileSync } from "node:child_process";
import { chmod, chown, copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { FORM } from "./forms.mjs";
import { BUILD, Program, Server, TOP, environment } from "./server.mjs";

export const MODULES = "/usr/lib/apache2/modules";
export const SHIPPED = join(TOP, "docs/apache");
const CROWD = 24;
export const APACHE = "/usr/sbin/apache2";

export const COMMON = ["mpm_event", "authz_core", "alias", "dir", "mime", "env", "headers", "setenvif", "deflate", "brotli", "filter"];
export const MORE = {
  proxy: ["proxy", "proxy_http", "proxy_fcgi"],
  fcgid: ["rewrite", "fcgid", "proxy", "proxy_http"],
  cgi: ["rewrite", "cgid"],
};

/* Apache started by root serves as www-data, and the programs must then run as that user too. */
export function apacheUser() {
  if (process.getuid() !== 0) return null;
  const id = (flag) => Number(execFileSync("id", [flag, "www-data"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

export function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer().on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

export class Fronted extends Server {
  constructor(options) {
    super(options);
    /* The web server runs this program itself, not the shipped script. */
    this.script = options?.script;
    /* Modules of Apache beside those that the form needs. */
    this.modules = options?.modules ?? [];
    this.user = apacheUser();
  }

  get url() {
    return super.url + FORM.at;
  }

  get site() {
    return join(this.dir, "site", FORM.at);
  }

  /* The programs, the settings beside them, the data and the site. */
  async makeDirectories() {
    await super.makeDirectories();
    const bin = join(this.dir, "bin");
    for (const dir of [bin, this.data, join(this.dir, "run"), this.site]) await mkdir(dir, { recursive: true });
    for (const name of ["parlor", "parlor-api", "parlor-poller"])
      await copyFile(join(BUILD, name), join(bin, name));
    await cp(join(TOP, "www"), this.site, { recursive: true });
    this.build = bin;
    await this.#writeSettings();
    await chmod(this.dir, 0o711);
    if (!this.user) return;
    for (const dir of [this.data, join(this.dir, "run")]) await chown(dir, this.user.uid, this.user.gid);
  }

  async #writeSettings() {
    const all = { data: this.data, ...this.settings };
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`);
    await writeFile(join(this.build, "parlor.conf"), lines.join(""));
  }

  program(name, args = []) {
    return new Program(join(this.build, name), args, { env: environment(), ...this.user });
  }

  async prepare() {
    await super.prepare();
    if (FORM.front !== "proxy") await this.#htaccess();
  }

  /* Copies a shipped file with the paths of this test in it. */
  async #ship(from, to, changes) {
    let text = await readFile(join(SHIPPED, from), "utf8");
    for (const [what, instead] of changes) {
      if (!text.includes(what)) throw new Error(`${from} has no ${what}`);
      text = text.replaceAll(what, instead);
    }
    await writeFile(join(this.site, to), text);
  }

  async #htaccess() {
    const script = `api.${FORM.front === "cgi" ? "cgi" : "fcgi"}`;
    if (this.script) {
      await copyFile(join(this.build, this.script), join(this.site, script));
      await copyFile(join(this.build, "parlor.conf"), join(this.site, "parlor.conf"));
    } else await this.#ship("api.fcgi", script, [["/home/you/parlor/bin", this.build]]);
    await chmod(join(this.site, script), 0o755);
    const streams = [
      ["#RewriteCond", "RewriteCond"], ["#RewriteRule", "RewriteRule"], ["#ErrorDocument", "ErrorDocument"],
      ["/chat/", `${FORM.at}/`], ["/home/you/parlor/", `${this.dir}/`],
    ];
    await this.#ship(`${FORM.front}.htaccess`, ".htaccess", FORM.daemon ? streams : []);
  }

  #conf(port) {
    const load = [...COMMON, ...MORE[FORM.front], ...this.modules].map(
      (name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`,
    );
    const own = {
      proxy: `Define PARLOR_AT ${FORM.at}/
Define PARLOR_RUN ${this.dir}/run
Define PARLOR_WWW ${this.site}
Include ${SHIPPED}/proxy.conf`,
      fcgid: `FcgidIPCDir ${this.dir}/run
FcgidProcessTableFile ${this.dir}/run/fcgid`,
      cgi: `ScriptSock ${this.dir}/run/cgid`,
    };
    return `${load.join("\n")}
ServerRoot ${this.dir}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${this.dir}/apache.pid
ErrorLog ${this.dir}/error.log
TypesConfig /etc/mime.types
${this.user ? "User www-data\nGroup www-data" : ""}
DocumentRoot ${this.dir}/site
<Directory ${this.dir}/site>
	AllowOverride FileInfo Options
	Require all granted
</Directory>
AddOutputFilterByType BROTLI_COMPRESS;DEFLATE text/html text/css text/javascript application/json text/event-stream application/x-ndjson
Include ${SHIPPED}/mpm_event.conf
${own[FORM.front]}
`;
  }

  async #startApache() {
    const port = await freePort();
    const file = join(this.dir, "httpd.conf");
    await writeFile(file, this.#conf(port));
    const log = join(this.dir, "error.log");
    this.apache = new Program(APACHE, ["-f", file, "-DFOREGROUND"], { env: environment(), log });
    await this.apache.line(/resuming normal operations/);
    this.address = `127.0.0.1:${port}`;
    this.others.push(this.apache);
  }

  async #startApi() {
    const args = ["--listen", `unix:${this.dir}/run/api.sock`, ...this.apiArgs];
    this.apiProgram = this.program("parlor-api", args);
    await this.apiProgram.line(/msg="(listening|workers are ready)"/);
    this.others.push(this.apiProgram);
  }

  async killApi() {
    await this.apiProgram.kill();
    this.apiProgram = null;
  }

  /*
   * When its process is busy, mod_fcgid delays a request by a second before it
   * starts another. A burst of requests makes it start several beforehand.
   */
  async #warmUp() {
    const ask = () => fetch(`${this.url}/api/v1/health`).then((answer) => answer.text());
    await Promise.all(Array.from({ length: CROWD }, ask));
  }

  async stopAll() {
    /* CGI programs have ended already. */
    if (FORM.front === "cgi") return;
    const running = [this.poller, this.apache, this.apiProgram].filter((program) => program && !program.ended);
    for (const program of running) await program.stop();
    /* The next Apache logs again that it is ready. */
    await rm(join(this.dir, "error.log"), { force: true });
    Object.assign(this, { apache: null, apiProgram: null });
  }

  async startAll() {
    if (FORM.front !== "cgi") await this.launch();
  }

  async launch() {
    if (FORM.front === "proxy" && !this.apiProgram) await this.#startApi();
    if (FORM.daemon && (!this.poller || this.poller.ended)) {
      this.poller = this.program("parlor-poller", ["--listen", `unix:${this.dir}/run/events.sock`]);
      await this.poller.line(/msg="listening"/);
    }
    if (this.apache) return;
    await this.#startApache();
    if (FORM.front === "fcgid") await this.#warmUp();
  }
}
