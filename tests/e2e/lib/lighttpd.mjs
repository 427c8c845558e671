/*
 * lighttpd with the configuration shipped in docs/lighttpd/, as the front of a
 * Fronted (fronted.mjs).
 */
import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FORM } from "./forms.mjs";
import { Program, environment } from "./server.mjs";

const LIGHTTPD = "/usr/sbin/lighttpd";
const MODULES = ["indexfile", "access", "alias", "redirect", "setenv", "deflate", "fastcgi", "proxy"];

/* What Debian's lighttpd.conf sets and Parlor could stumble over; but wrong UTF-8 reaches it. */
const conf = ({ dir, user }, port) => `server.modules = ( ${MODULES.map((name) => `"mod_${name}"`).join(", ")} )
server.document-root = "${dir}/site"
server.errorlog = "${dir}/run/error.log"
server.upload-dirs = ( "${dir}/run" )
server.bind = "127.0.0.1"
server.port = ${port}
server.listen-backlog = 1024
server.max-fds = 16384
${user ? 'server.username = "www-data"\nserver.groupname = "www-data"' : ""}
server.feature-flags += ( "server.h2proto" => "enable", "server.h2c" => "enable" )
server.http-parseopts = (
  "header-strict" => "enable",
  "host-strict" => "enable",
  "host-normalize" => "enable",
  "url-normalize-unreserved" => "enable",
  "url-normalize-required" => "enable",
  "url-ctrls-reject" => "enable",
  "url-path-2f-decode" => "enable",
  "url-path-dotseg-remove" => "enable",
  "url-invalid-utf8-reject" => "disable",
)
index-file.names = ( "index.php", "index.html" )
url.access-deny = ( "~", ".inc" )
mimetype.assign = ( ".js" => "application/javascript", ".gz" => "application/gzip", "" => "application/octet-stream" )
include "${dir}/parlor.conf"
server.modules += ( "mod_staticfile" )
`;

/* On SIGTERM it ends with 1 when connections are open. */
class Lighttpd extends Program {
  async done() {
    const { code, signal } = await this.exited;
    await super.done(signal === null && code === 1 ? 1 : 0);
  }
}

export const lighttpd = {
  async prepare(server) {
    const { dir, site } = server;
    const page = FORM.embed ? [] : [["/usr/local/share/parlor/www", site], ["/var/cache/lighttpd/compress", `${dir}/cache`]];
    await server.ship(`lighttpd/${FORM.embed ? "embedded" : "services"}.conf`, join(dir, "parlor.conf"),
      [...page, ["/chat/", `${FORM.at}/`], ["/run/parlor/", `${dir}/run/`]]);
    await mkdir(join(dir, "cache"), { recursive: true });
    if (server.user) await chown(join(dir, "cache"), server.user.uid, server.user.gid);
  },

  async start(server, port) {
    const file = join(server.dir, "lighttpd.conf");
    await writeFile(file, conf(server, port));
    const log = join(server.dir, "run/error.log");
    const program = new Lighttpd(LIGHTTPD, ["-D", "-f", file], { env: environment(), log });
    await program.line(/server started/);
    return program;
  },

  /* The next lighttpd logs again that it is ready. */
  stopped: ({ dir }) => rm(join(dir, "run/error.log"), { force: true }),
};
