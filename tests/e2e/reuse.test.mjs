// parts: front-proxy
/*
 * Apache opens a connection to the services for each request, as
 * docs/apache/proxy.conf says: a kept one would hold a worker of the API, and a
 * place among the poller's connections, for each of Apache's threads.
 */
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { chmod, rm } from "node:fs/promises";
import { HEADER, record, records } from "./lib/fcgi.mjs";
import { sentence } from "./lib/scene.mjs";

const REQUESTS = 6;
const [BEGIN, END, STDIN, STDOUT] = [1, 3, 5, 6];
const KEEP = 1; /* FCGI_KEEP_CONN, a flag of BEGIN */
const OF_API = { target: "/api/v1/health", stop: (server) => server.killApi(), socket: "api.sock" };
const OF_POLLER = { target: "/events", stop: (server) => server.kill(), socket: "events.sock" };

/* Takes the place of a service on its socket; answers by SERVICE. */
async function replace(server, { stop, socket }, service) {
  await stop(server);
  const path = `${server.dir}/run/${socket}`;
  await rm(path, { force: true });
  await new Promise((done) => service.listen(path, done));
  await chmod(path, 0o666);
}

/* Asks over one connection that the client keeps. */
async function ask(server, target) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < REQUESTS; i++)
    await new Promise((done, failed) => http.get(server.url + target, { agent }, (response) => {
      assert.equal(response.statusCode, 200);
      response.resume().on("end", done);
    }).on("error", failed));
  agent.destroy();
}

sentence("front: Apache opens a connection to the poller for each request, and says that it closes it", async (s) => {
  const server = await s.serve({});
  const said = [];
  let connections = 0;
  const poller = http.createServer((request, response) => {
    said.push(request.headers.connection?.toLowerCase());
    response.end("{}");
  }).on("connection", () => connections++);
  await replace(server, OF_POLLER, poller);
  try {
    await ask(server, OF_POLLER.target);
  } finally {
    poller.close();
  }
  assert.equal(connections, REQUESTS);
  assert.deepEqual([...new Set(said)], ["close"]);
}, { needs: ["apache", "services"] });

/* A FastCGI program that would keep its connections; FLAGS are those of the requests. */
function keeper(flags) {
  return net.createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const { all, rest } = records(Buffer.concat([received, data]));
      received = rest;
      for (const { type, content } of all) {
        if (type === BEGIN) flags.push(content[2]);
        if (type === STDIN && content.length === 0)
          socket.write(Buffer.concat([
            record(STDOUT, Buffer.from("Status: 200\r\nContent-Type: text/plain\r\n\r\nok")), record(STDOUT, Buffer.alloc(0)),
            record(END, Buffer.alloc(HEADER)),
          ]));
      }
    });
  });
}

sentence("front: Apache opens a connection to the API for each request, and asks for none to be kept", async (s) => {
  const server = await s.serve({});
  const flags = [];
  let connections = 0;
  const api = keeper(flags).on("connection", () => connections++);
  await replace(server, OF_API, api);
  try {
    await ask(server, OF_API.target);
  } finally {
    api.close();
  }
  assert.equal(connections, REQUESTS);
  assert.deepEqual(flags.map((flag) => flag & KEEP), Array(REQUESTS).fill(0));
}, { needs: ["apache", "services"] });
