/*
 * Web servers with the configuration shipped in docs/ and one thing wrong with
 * it, all before one running server: an embedded poller, and the API by FastCGI.
 *
 *   const fronts = new WrongFronts(server);
 *   await fronts.prepare();
 *   const url = await fronts.apache({ changes: [["CGIPassAuth On", ""]] });
 *   await fronts.end();
 *
 * CHANGES are made to the shipped file (each text must be in it); MODULES are loaded,
 * EXTRA stands before it, and EVENTS is where the poller is.
 */
import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { APACHE, COMMON, MODULES, MORE } from "./apache.mjs";
import { freePort, frontUser } from "./fronted.mjs";
import { PAGE, Program, TOP, environment } from "./server.mjs";

/* The text of a shipped file after CHANGES. */
async function changed(file, changes) {
  let text = await readFile(join(TOP, "docs", file), "utf8");
  for (const [what, instead] of changes) {
    if (!text.includes(what)) throw new Error(`${file} has no ${what}`);
    text = text.replaceAll(what, instead);
  }
  return text;
}

export class WrongFronts {
  #running = [];
  #user = frontUser();

  constructor(server) {
    this.server = server;
  }

  /* What the web servers serve, and sockets that they may use. */
  async prepare() {
    const { socket } = await this.server.fastcgi();
    this.api = socket;
    this.site = join(this.server.dir, "site");
    await cp(PAGE, this.site, { recursive: true, preserveTimestamps: true });
    await chmod(this.server.dir, 0o711);
    await chmod(this.api, 0o666);
  }

  async #start(make) {
    const port = await freePort();
    const dir = join(this.server.dir, `front-${port}`);
    await mkdir(dir);
    const program = await make(port, dir);
    this.#running.push(program);
    return `http://127.0.0.1:${port}`;
  }

  apache({ changes = [], modules = [], extra = "", events = this.server.address } = {}) {
    const own = [
      ...changes,
      ["${PARLOR_RUN}/api.sock", this.api],
      ["unix:${PARLOR_RUN}/events.sock|http://parlor/events", `http://${events}/events`],
    ];
    return this.#start(async (port, dir) => {
      await writeFile(join(dir, "proxy.conf"), await changed("apache/proxy.conf", own));
      await writeFile(join(dir, "httpd.conf"), `${[...COMMON, ...MORE.proxy, ...modules]
        .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so\n`).join("")}
ServerRoot ${dir}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${dir}/pid
ErrorLog ${dir}/error.log
TypesConfig /etc/mime.types
${this.#user ? "User www-data\nGroup www-data" : ""}
DocumentRoot ${this.site}
StartServers 1
ThreadsPerChild 16
MinSpareThreads 16
MaxSpareThreads 64
${extra}
Define PARLOR_WWW ${this.site}
Include ${dir}/proxy.conf
`);
      const program = new Program(APACHE, ["-f", join(dir, "httpd.conf"), "-DFOREGROUND"], { env: environment(), log: join(dir, "error.log") });
      await program.line(/resuming normal operations/);
      return program;
    });
  }

  async nginx({ changes = [], extra = "", connections = 256 } = {}) {
    const own = [
      ...changes,
      ["unix:/run/parlor/api.sock", `unix:${this.api}`],
      ["http://unix:/run/parlor/events.sock", `http://${this.server.address}`],
      ["/usr/local/share/parlor/www", this.site],
    ];
    const url = await this.#start(async (port, dir) => {
      await writeFile(join(dir, "parlor.conf"), await changed("nginx/services.conf", own));
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${dir}/${name};\n`);
      await writeFile(join(dir, "nginx.conf"), `daemon off;
${this.#user ? "user www-data www-data;" : ""}
pid ${dir}/pid;
error_log ${dir}/error.log notice;
events { worker_connections ${connections}; }
http {
access_log off;
${temporary.join("")}include ${TOP}/docs/nginx/http.conf;
server {
listen 127.0.0.1:${port};
${extra}
include ${dir}/parlor.conf;
}
}
`);
      const log = join(dir, "error.log");
      const program = new Program("/usr/sbin/nginx", ["-e", log, "-c", join(dir, "nginx.conf")], { env: environment(), log });
      await program.line(/start worker process/);
      return program;
    });
    return `${url}/chat`;
  }

  async end() {
    await Promise.all(this.#running.map((program) => program.stop()));
  }
}
