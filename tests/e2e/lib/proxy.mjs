/*
 * Proxies between client and server that misbehave on request: they cut
 * connections, or answer some targets themselves as a poorly configured host
 * does.
 */
import http from "node:http";
import net from "node:net";

function listen(server) {
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));
}

/* Passes bytes on; cut() resets every open connection. */
export async function cuttingProxy(port) {
  const pairs = new Set();
  const server = net.createServer((client) => {
    const upstream = net.connect(port, "127.0.0.1");
    const pair = [client, upstream];
    pairs.add(pair);
    for (const [one, other] of [pair, [...pair].reverse()]) {
      one.on("error", () => {});
      one.on("close", () => {
        other.destroy();
        pairs.delete(pair);
      });
      one.pipe(other);
    }
  });
  const own = await listen(server);
  const cut = () => {
    const n = pairs.size;
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
    return n;
  };
  return { port: own, url: `http://127.0.0.1:${own}`, cut, close: () => (cut(), server.close()) };
}

/* Passes on the request of REQUEST's head with the target PATH, then whatever comes both ways. */
function tunnel(request, path, client, upstream) {
  const { method, rawHeaders } = request;
  const lines = Array.from({ length: rawHeaders.length / 2 }, (_, i) => `${rawHeaders[2 * i]}: ${rawHeaders[2 * i + 1]}`);
  upstream.write([`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  for (const [one, other] of [[client, upstream], [upstream, client]]) {
    one.on("error", () => {});
    one.on("close", () => other.destroy());
    one.pipe(other);
  }
}

/*
 * A web server that passes requests below the folder AT to the service at PORT,
 * unless answer(request, response) has answered and returned true.  cut() ends
 * every connection; from mute() on, open WebSockets carry nothing to the client.
 */
export async function webServer(port, answer, at = "") {
  const upgraded = new Map();
  const server = http.createServer((request, response) => {
    const { method, headers, url } = request;
    if (!url.startsWith(`${at}/`)) return response.writeHead(404).end();
    if (answer(request, response)) return undefined;
    const path = url.slice(at.length);
    const upstream = http.request({ host: "127.0.0.1", port, method, headers, path }, (given) => {
      response.writeHead(given.statusCode, given.headers);
      given.pipe(response);
    });
    upstream.on("error", () => response.destroy());
    response.on("close", () => upstream.destroy());
    return request.pipe(upstream);
  });
  server.on("upgrade", (request, client) => {
    const response = new http.ServerResponse(request);
    response.assignSocket(client);
    response.on("finish", () => client.end());
    if (answer(request, response)) return;
    const upstream = net.connect(port, "127.0.0.1");
    upgraded.set(client, upstream);
    client.on("close", () => upgraded.delete(client));
    tunnel(request, request.url.slice(at.length), client, upstream);
  });
  const own = await listen(server);
  const cut = () => {
    server.closeAllConnections();
    for (const client of upgraded.keys()) client.destroy();
  };
  const mute = () => {
    for (const [client, upstream] of upgraded) upstream.unpipe(client).resume();
  };
  return { url: `http://127.0.0.1:${own}${at}`, cut, mute, close: () => (server.close(), cut()) };
}

/* Answers 502 when REFUSES(target) is true; `passed` lists the other targets. */
export async function refusingHost(port, refuses) {
  const passed = [];
  const host = await webServer(port, ({ url }, response) => {
    if (!refuses(url)) {
      passed.push(url);
      return false;
    }
    response.writeHead(502, { "Content-Type": "text/html" }).end("<h1>Bad Gateway</h1>");
    return true;
  });
  return { ...host, passed };
}
