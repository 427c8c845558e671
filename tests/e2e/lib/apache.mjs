/*
 * Apache with the configuration shipped in docs/apache/, as the front of a
 * Fronted (fronted.mjs).
 */
import { chmod, copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FORM } from "./forms.mjs";
import { Program, TOP, environment } from "./server.mjs";

export const MODULES = "/usr/lib/apache2/modules";
export const SHIPPED = join(TOP, "docs/apache");
const CROWD = 24;
export const APACHE = "/usr/sbin/apache2";

export const COMMON = ["mpm_event", "authz_core", "alias", "dir", "mime", "env", "headers", "setenvif", "deflate", "brotli", "filter"];
export const MORE = {
  proxy: ["rewrite", "proxy", "proxy_http", "proxy_fcgi"],
  fcgid: ["rewrite", "fcgid", "proxy", "proxy_http"],
  cgi: ["rewrite", "cgid"],
};

async function htaccess(server) {
  const { dir, site } = server;
  const script = join(site, `api.${FORM.front === "cgi" ? "cgi" : "fcgi"}`);
  if (server.script) {
    await copyFile(join(server.build, server.script), script);
    await copyFile(join(server.build, "parlor.conf"), join(site, "parlor.conf"));
  } else await server.ship("apache/api.fcgi", script, [["/home/you/parlor/bin", server.build]]);
  await chmod(script, 0o755);
  const streams = [
    ["#RewriteCond", "RewriteCond"], ["#RewriteRule", "RewriteRule"], ["#ErrorDocument", "ErrorDocument"],
    ["/chat/", `${FORM.at}/`], ["/home/you/parlor/", `${dir}/`],
  ];
  await server.ship(`apache/${FORM.front}.htaccess`, join(site, ".htaccess"), FORM.daemon ? streams : []);
}

function conf({ dir, site, user, modules }, port) {
  const load = [...COMMON, ...MORE[FORM.front], ...modules].map(
    (name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`,
  );
  const own = {
    proxy: `Define PARLOR_AT ${FORM.at}/
Define PARLOR_RUN ${dir}/run
Define PARLOR_WWW ${site}
Include ${SHIPPED}/proxy.conf`,
    fcgid: `FcgidIPCDir ${dir}/run
FcgidProcessTableFile ${dir}/run/fcgid`,
    cgi: `ScriptSock ${dir}/run/cgid`,
  };
  return `${load.join("\n")}
ServerRoot ${dir}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${dir}/apache.pid
ErrorLog ${dir}/error.log
TypesConfig /etc/mime.types
${user ? "User www-data\nGroup www-data" : ""}
DocumentRoot ${dir}/site
<Directory ${dir}/site>
	AllowOverride FileInfo Options
	Require all granted
</Directory>
AddOutputFilterByType BROTLI_COMPRESS;DEFLATE text/html text/css text/javascript application/json text/event-stream application/x-ndjson
Include ${SHIPPED}/mpm_event.conf
${own[FORM.front]}
`;
}

/*
 * When its process is busy, mod_fcgid delays a request by a second before it
 * starts another. A burst of requests makes it start several beforehand.
 */
async function warmUp(url) {
  const ask = () => fetch(`${url}/api/v1/health`).then((answer) => answer.text());
  await Promise.all(Array.from({ length: CROWD }, ask));
}

export const apache = {
  async prepare(server) {
    if (FORM.front !== "proxy") await htaccess(server);
  },

  async start(server, port) {
    const file = join(server.dir, "httpd.conf");
    await writeFile(file, conf(server, port));
    const log = join(server.dir, "error.log");
    const program = new Program(APACHE, ["-f", file, "-DFOREGROUND"], { env: environment(), log });
    await program.line(/resuming normal operations/);
    if (FORM.front === "fcgid") await warmUp(`http://127.0.0.1:${port}${FORM.at}`);
    return program;
  },

  /* The next Apache logs again that it is ready. */
  stopped: ({ dir }) => rm(join(dir, "error.log"), { force: true }),
};
