/*
 * The API as plain CGI: a process for each request, started with the CGI
 * variables, fed on stdin, read on stdout.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseAnswer, variables } from "./fcgi.mjs";
import { Program, environment } from "./server.mjs";

/* Runs FILE with a request as its environment and stdin; {stdout, program}. */
export async function run(server, file, args, params, body = "") {
  const env = environment({ data: server.data, ...server.settings }, params);
  const program = new Program(file, args, { env });
  program.child.stdin.end(body);
  await program.done(0);
  return { stdout: program.stdout, program };
}

/* The door (client.mjs) that starts parlor-api for each request. */
export function cgi(server) {
  return async (method, target, headers, body = "") => {
    const params = variables(method, target, headers, Buffer.byteLength(body));
    const { stdout } = await run(server, join(server.build, "parlor-api"), [], params, body);
    return parseAnswer(stdout);
  };
}

/* The door through libfcgi's own cgi-fcgi to a FastCGI socket. */
export function bridged(server, socket) {
  return async (method, target, headers, body = "") => {
    const params = variables(method, target, headers, Buffer.byteLength(body));
    const args = ["-bind", "-connect", socket];
    const { stdout, program } = await run(server, "cgi-fcgi", args, params, body);
    assert.equal(program.stderr, "", "nothing on stderr");
    return parseAnswer(stdout);
  };
}
