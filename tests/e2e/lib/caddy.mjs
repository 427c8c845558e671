/*
 * Caddy with the configuration shipped in docs/caddy/, as the front of a Fronted
 * (fronted.mjs).
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FORM } from "./forms.mjs";
import { Program, environment } from "./server.mjs";

const CADDY = "/usr/bin/caddy";

const conf = ({ dir }, port) => `{
	admin off
	auto_https off
}
http://:${port} {
	bind 127.0.0.1
	import ${dir}/parlor.caddy
}
`;

export const caddy = {
  async prepare(server) {
    const { dir, site } = server;
    const page = FORM.embed ? [] : [["/usr/local/share/parlor/www", site]];
    await server.ship(`caddy/${FORM.embed ? "embedded" : "services"}.caddy`, join(dir, "parlor.caddy"),
      [...page, ["/chat/", `${FORM.at}/`], ["/run/parlor/", `${dir}/run/`]]);
  },

  async start(server, port) {
    const file = join(server.dir, "Caddyfile");
    await writeFile(file, conf(server, port));
    const env = { ...environment(), HOME: server.dir };
    const program = new Program(CADDY, ["run", "--config", file, "--adapter", "caddyfile"], { env, ...server.user });
    await program.line(/serving initial configuration/);
    return program;
  },

  stopped() {},
};
