/*
 * nginx with the configuration shipped in docs/nginx/, as the front of a Fronted
 * (fronted.mjs).
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FORM } from "./forms.mjs";
import { Program, environment } from "./server.mjs";

const NGINX = "/usr/sbin/nginx";
const CONNECTIONS = 8192;

/* All tests come from one address. */
const UNLIMITED = [["limit_conn parlor_address 256", "limit_conn parlor_address 10000"]];

function conf({ dir, user }, port) {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `\t${name}_temp_path ${dir}/temp-${name};\n`);
  return `daemon off;
${user ? "user www-data www-data;" : ""}
pid ${dir}/nginx.pid;
error_log ${dir}/error.log notice;
worker_processes 2;
worker_rlimit_nofile ${2 * CONNECTIONS};
events {
	worker_connections ${CONNECTIONS};
}
http {
	access_log off;
${temporary.join("")}	include /etc/nginx/mime.types;
	default_type application/octet-stream;
	gzip on;
	gzip_types text/css text/javascript application/json text/event-stream application/x-ndjson;
	include ${dir}/http.conf;
	server {
		listen 127.0.0.1:${port} backlog=1024;
		server_name localhost;
		root ${dir}/site;
		include ${dir}/parlor.conf;
	}
}
`;
}

export const nginx = {
  async prepare(server) {
    const { dir, site } = server;
    const page = FORM.embed ? [] : [["/usr/local/share/parlor/www", site]];
    await server.ship("nginx/http.conf", join(dir, "http.conf"), []);
    await server.ship(`nginx/${FORM.embed ? "embedded" : "services"}.conf`, join(dir, "parlor.conf"),
      [...page, ["/chat/", `${FORM.at}/`], ["/run/parlor/", `${dir}/run/`], ...(server.limited ? [] : UNLIMITED)]);
  },

  async start(server, port) {
    const file = join(server.dir, "nginx.conf");
    await writeFile(file, conf(server, port));
    const log = join(server.dir, "error.log");
    const program = new Program(NGINX, ["-e", log, "-c", file], { env: environment(), log });
    await program.line(/start worker process/);
    return program;
  },

  /* The next nginx logs again that it is ready. */
  stopped: ({ dir }) => rm(join(dir, "error.log"), { force: true }),
};
