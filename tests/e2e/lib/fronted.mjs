/*
 * The programs behind a private web server on a free port, with the configuration
 * shipped in docs/. Only what a host sets for its whole server is added in tests.
 */
import { execFileSync } from "node:child_process";
import { chmod, chown, copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { apache } from "./apache.mjs";
import { caddy } from "./caddy.mjs";
import { FORM } from "./forms.mjs";
import { lighttpd } from "./lighttpd.mjs";
import { nginx } from "./nginx.mjs";
import { BUILD, PAGE, Program, Server, TOP, environment } from "./server.mjs";

/*
 * What each web server does for a Fronted: prepare() copies its configuration,
 * start(server, port) returns the Program that listens, stopped() cleans up.
 */
const FRONTS = { proxy: apache, fcgid: apache, cgi: apache, nginx, caddy, lighttpd };

/* A web server started by root serves as www-data, and the programs must then run as that user too. */
export function frontUser() {
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
    /* Apache runs this program itself, not the shipped script. */
    this.script = options?.script;
    /* Modules of Apache beside those that the form needs. */
    this.modules = options?.modules ?? [];
    /* The limits of the shipped configuration hold, and not only those of its programs. */
    this.limited = options?.limited ?? false;
    this.user = frontUser();
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
    await cp(PAGE, this.site, { recursive: true, preserveTimestamps: true });
    this.build = bin;
    await this.#writeSettings();
    await chmod(this.dir, 0o711);
    if (!this.user) return;
    for (const dir of [this.data, join(this.dir, "run")]) await chown(dir, this.user.uid, this.user.gid);
  }

  async #writeSettings() {
    const all = { data: this.data, www: this.site, ...this.settings };
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`);
    await writeFile(join(this.build, "parlor.conf"), lines.join(""));
  }

  program(name, args = []) {
    return new Program(join(this.build, name), args, { env: environment(), ...this.user });
  }

  async prepare() {
    await super.prepare();
    await FRONTS[FORM.front].prepare(this);
  }

  /* Copies the file FROM of docs to the path TO, with the paths of this test in it. */
  async ship(from, to, changes) {
    let text = await readFile(join(TOP, "docs", from), "utf8");
    for (const [what, instead] of changes) {
      if (!text.includes(what)) throw new Error(`${from} has no ${what}`);
      text = text.replaceAll(what, instead);
    }
    await writeFile(to, text);
  }

  async #startFront() {
    const port = await freePort();
    this.web = await FRONTS[FORM.front].start(this, port);
    this.address = `127.0.0.1:${port}`;
    this.others.push(this.web);
  }

  async #startApi() {
    const args = ["--listen", `unix:${this.dir}/run/api.sock`, ...this.apiArgs];
    this.apiProgram = this.program("parlor-api", args);
    await this.apiProgram.line(/msg="(listening|workers are ready)"/);
    this.others.push(this.apiProgram);
  }

  async #startPoller() {
    const [socket, args] = FORM.embed ? ["parlor", ["--embed"]] : ["events", []];
    this.poller = this.program("parlor-poller", [...args, "--listen", `unix:${this.dir}/run/${socket}.sock`]);
    await this.poller.line(/msg="listening"/);
  }

  async killApi() {
    await this.apiProgram.kill();
    this.apiProgram = null;
  }

  async stopAll() {
    /* CGI programs have ended already. */
    if (FORM.front === "cgi") return;
    const running = [this.poller, this.web, this.apiProgram].filter((program) => program && !program.ended);
    for (const program of running) await program.stop();
    await FRONTS[FORM.front].stopped(this);
    Object.assign(this, { web: null, apiProgram: null });
  }

  async startAll() {
    if (FORM.front !== "cgi") await this.launch();
  }

  async launch() {
    if (FORM.services && !this.apiProgram) await this.#startApi();
    if (FORM.daemon && (!this.poller || this.poller.ended)) await this.#startPoller();
    if (!this.web) await this.#startFront();
  }
}
