// parts: e2e san form
/*
 * RFC 3875 section 4.4: a query without "=" reaches a CGI program as its
 * arguments.  Whatever a stranger writes there must change nothing.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { http } from "./lib/client.mjs";
import { variables } from "./lib/fcgi.mjs";
import { FORM } from "./lib/forms.mjs";
import { Site, inSeconds } from "./lib/jwt.mjs";
import { onServer, sentence, withStoppedServer } from "./lib/scene.mjs";
import { Program, environment } from "./lib/server.mjs";

const site = new Site("HS256");
const forged = () => ({ Authorization: `Bearer ${site.token({ sub: "boss", name: "Boss", exp: inSeconds(600) })}` });
const asBoss = `--jwt_algorithm+HS256+--jwt_key_file+${site.file}+--jwt_leeway_ms+0`;

const HARMLESS = (server) => [
  "--help", "-n", "-v", "--", "--nothing+known", "--data", "--data+/nonexistent", "--log+3",
  "--retry_ms+x", "--retry_ms+99999999999", `--listen+unix:${server.data}/taken.sock`,
  `--listen+unix:${server.data}/taken.sock+--workers+2`, "%2d%2dhelp", "+", "a+b+c",
];

const told = onServer({ script: "parlor-api" });

told(`A8 a query forges no settings of the program that Apache runs itself`, async (s) => {
  const door = http(s.server);
  const script = `/api.${FORM.front === "cgi" ? "cgi" : "fcgi"}`;
  for (const base of ["", script]) {
    const plain = await door("GET", `${base}/api/v1/me`, forged());
    assert.equal(plain.status, 401);
    const { status, text } = await door("GET", `${base}/api/v1/me?${asBoss}`, forged());
    assert.deepEqual([status, text], [plain.status, plain.text]);
  }
}, { needs: "scripted" });

told("A8 whatever stands in a query without an equals sign, the answer is that without it", async (s) => {
  const door = http(s.server);
  for (const path of ["/api/v1/health", "/api/v1/me", "/api/v1/rooms/nothing"]) {
    const plain = await door("GET", path);
    for (const query of HARMLESS(s.server)) {
      const { status, text } = await door("GET", `${path}?${query}`);
      assert.deepEqual([status, text], [plain.status, plain.text], `${path}?${query}`);
    }
  }
  assert.ok(!existsSync(join(s.server.data, "taken.sock")));
}, { needs: "scripted" });

told("A8 no header of a request becomes a setting", async (s) => {
  const names = ["PARLOR_JWT_ALGORITHM", "Parlor-Jwt-Algorithm", "Redirect-Parlor-Jwt-Algorithm", "Proxy", "Gateway-Interface"];
  const headers = Object.fromEntries(names.map((name) => [name, "HS256"]));
  const files = ["PARLOR_JWT_KEY_FILE", "Parlor-Jwt-Key-File", "Redirect-Parlor-Jwt-Key-File", "Parlor-Conf", "Parlor-Post"];
  for (const name of files) headers[name] = site.file;
  const { status } = await http(s.server)("GET", "/api/v1/me", { ...headers, ...forged() });
  assert.equal(status, 401);
}, { needs: "scripted" });

/* Some servers leave out a variable that RFC 3875 requires. */
const LEFT_OUT = [null, "GATEWAY_INTERFACE"];

/* A program in the environment of a CGI request, with ARGS from its query. */
async function asCgi(server, name, args, code, leftOut) {
  const env = environment({ data: server.data }, variables("GET", `/api/v1/health?${args.join("+")}`));
  delete env[leftOut];
  const program = new Program(join(server.build, name), args, { env });
  program.child.stdin.end();
  await program.done(code);
  return String(program.stdout);
}

sentence("A8 a program that is no CGI program refuses to be one, whatever the arguments", () => withStoppedServer({}, async (server) => {
  const args = [[], ["--help"], ["-n"], ["migrate"], ["check"], ["key", "add", "x", "rooms"], ["--embed", "--listen", "127.0.0.1:0"]];
  for (const name of ["parlor", "parlor-poller"])
    for (const words of args)
      for (const leftOut of LEFT_OUT) assert.equal(await asCgi(server, name, words, 2, leftOut), "", `${name} ${words} without ${leftOut}`);
}));

sentence("A8 under CGI parlor-api takes neither arguments nor a setting for a reason to be a service", () => withStoppedServer({}, async (server) => {
  const socket = join(server.dir, "api.sock");
  const env = { ...variables("GET", "/api/v1/health") };
  for (const args of [["--help"], ["-n"], ["--listen", `unix:${socket}`], ["--data", "/nonexistent"]])
    for (const leftOut of LEFT_OUT)
      assert.match(await asCgi(server, "parlor-api", args, 0, leftOut), /^Status: 200 /, `${args} without ${leftOut}`);
  const settings = { data: server.data, listen: `unix:${socket}`, workers: 2 };
  const program = new Program(join(server.build, "parlor-api"), [], { env: environment(settings, env) });
  await program.done(0);
  assert.match(String(program.stdout), /^Status: 200 /);
  assert.ok(!existsSync(socket));
}));
